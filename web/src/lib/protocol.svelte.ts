/**
 * What people read of a protocol's text: titles of exercises and rules, texts of its own, and where its numbers come from.
 * Only names are read here; what the lines mean is the engine's business.
 */
import { builtinProtocol } from './engine'
import { protocolText } from './log.svelte'

export type Names = { exercises: Map<string, string>; rules: Map<string, string[]>; texts: Map<string, string>; sources: Map<string, string>; painMax: string | null }

function read(text: string): Names {
  const names: Names = { exercises: new Map(), rules: new Map(), texts: new Map(), sources: new Map(), painMax: null }
  names.painMax = text.match(/^set pain amber at most (\S+) NPRS/m)?.[1] ?? null
  for (const line of text.split('\n')) {
    const found = line.match(/^(exercise|rule|text|source) (\S+) "([^"]*)"/)
    if (!found) continue
    const [, what, id, title] = found as unknown as [string, string, string, string]
    if (what === 'rule') names.rules.set(id, [...(names.rules.get(id) ?? []), title])
    else (what === 'exercise' ? names.exercises : what === 'text' ? names.texts : names.sources).set(id, title)
  }
  return names
}

let own = $state.raw<Names | null>(null)
let builtin = $state.raw<Names | null>(null)
/** Reads the names, once and again after the protocol changed. Pages work without them, in fewer words. */
export async function loadProtocolNames(): Promise<void> {
  builtin ??= read(await builtinProtocol())
  own = read(await protocolText())
}
/** The same of a text at hand: the console looks at patients on different versions. */
export async function nameProtocol(text: string): Promise<void> {
  builtin ??= read(await builtinProtocol())
  own = read(text)
}
export const exerciseIds = (): string[] => [...(own ?? builtin)?.exercises.keys() ?? []]
export const exerciseTitle = (id: string): string | undefined => own?.exercises.get(id)
export const ruleTitle = (id: string, variant: number): string | undefined => own?.rules.get(id)?.[variant - 1]
export const ownText = (id: string): string | undefined => own?.texts.get(id)
export const sourceTitle = (key: string): string | undefined => own?.sources.get(key) ?? builtin?.sources.get(key)
/** The pain above which an exercise ends, as the protocol says it. */
export const painMax = (): string | null => own?.painMax ?? null
/** Whether a sentence that was written for the built-in rule fits the rule of this protocol. */
export const sameRule = (id: string, variant: number): boolean =>
  !own || !builtin || own.rules.get(id)?.[variant - 1] === undefined || own.rules.get(id)?.[variant - 1] === builtin.rules.get(id)?.[variant - 1]
