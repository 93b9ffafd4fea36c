/** The figure files by exercise; imported lazily by figures.ts. */
import type { FigureFile } from './pose'

const files = import.meta.glob<FigureFile>('../../../../protocols/pht/figures/*.json', { eager: true, import: 'default' })
export const all = new Map(Object.values(files).map((file) => [file.exercise, file]))
