/** One piece of work at a time on a page: busy while it runs, then what was done or why it was not. */
import { words } from './session.svelte'

export class Doing {
  busy = $state(false)
  problem = $state('')
  said = $state('')

  /** Runs `work`; true when it was done. What was typed is left alone either way. */
  async run(work: () => Promise<unknown>, done: string | (() => string) = ''): Promise<boolean> {
    this.busy = true
    this.problem = this.said = ''
    try {
      await work()
      this.said = typeof done === 'string' ? done : done()
      return true
    } catch (what) {
      this.problem = words(what)
      return false
    } finally {
      this.busy = false
    }
  }
}
