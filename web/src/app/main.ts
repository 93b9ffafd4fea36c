import { mount } from 'svelte'
import '../lib/theme.css'
import { loadAreas, preferredLanguage, setLanguage } from '../lib/i18n.svelte'
import App from './App.svelte'

await setLanguage(preferredLanguage())
await loadAreas('plan', 'common', 'app')
mount(App, { target: document.getElementById('root')! })
