import { mount } from 'svelte'
import '../lib/theme.css'
import { loadAreas, preferredLanguage, setLanguage } from '../lib/i18n.svelte'
import Console from './Console.svelte'

await setLanguage(preferredLanguage())
await loadAreas('plan', 'common', 'console')
mount(Console, { target: document.getElementById('root')! })
