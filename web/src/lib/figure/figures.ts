/** All figures, fetched together the first time one is shown: about thirty small files in one chunk. */
import type { FigureFile } from './pose'

let once: Promise<Map<string, FigureFile>> | undefined
export const figures = (): Promise<Map<string, FigureFile>> => (once ??= import('./bundle').then((found) => found.all))
