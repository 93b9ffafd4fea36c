/** The pages of Learn: which paragraphs, how sure each is and where it comes from. Their sentences stand in locales/web/learn.*. */
import pages from './pages.json'

/** grade null: no study shows the claim. tag null: a convention, with no number to tag. Keys are those of docs/evidence. */
export type Part = { text: string; grade: 'A' | 'B' | 'C' | 'S' | 'D' | null; tag: 'V' | 'V2' | 'calc' | 'M' | 'D' | null; sources: string[]; contested: boolean }
export type Legend = { kind: 'grades' | 'tags' }
export type Page = { id: string; related: string[]; parts: (Part | Legend)[] }
export default pages as Page[]
