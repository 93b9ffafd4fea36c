import { mount } from 'svelte'
import '../lib/theme.css'
import { loadAreas, preferredLanguage, setLanguage } from '../lib/i18n.svelte'
import { openLog } from '../lib/log.svelte'
import { loadPrefs, prefs } from '../lib/prefs.svelte'
import { startSync } from '../lib/sync.svelte'
import { startWorker } from '../lib/worker.svelte'
import App from './App.svelte'

const opened = openLog()
await loadPrefs().catch(() => undefined)
await Promise.all([setLanguage(prefs.language ?? preferredLanguage()), loadAreas('plan', 'common', 'app')])
mount(App, { target: document.getElementById('root')! })
await opened
await startSync()
await startWorker()
