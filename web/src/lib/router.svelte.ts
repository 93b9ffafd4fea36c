/** Pages by the part of the address after #: "#/p/p-001/course" is ['p', 'p-001', 'course']. */
const read = () => location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent)
const state = $state({ parts: read() })
addEventListener('hashchange', () => {
  state.parts = read()
  scrollTo(0, 0)
})

export const route = (): string[] => state.parts
export const href = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`
export function go(...parts: string[]): void {
  location.hash = href(...parts)
}
