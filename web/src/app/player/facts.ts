/**
 * What the player reads of the protocol's text, beside the plan: which exercises are done one side at a time, which have steps of
 * depth, what they are done with, and where the pain bands lie. Only what the plan does not carry; the engine compiled the same text.
 */
export type Facts = {
  eachSide: Set<string>
  /** Depths of an exercise's steps in degrees of hip flexion, rising; none where it never gets deeper. */
  depths: Map<string, number[]>
  /** Ways to be equipped for an exercise: any one of each list. */
  needs: Map<string, string[]>
  /** NPRS at most: green may go on, amber may finish the set. */
  green: number; amber: number
}

export function readFacts(text: string): Facts {
  // without a line in the text, no pain is a pain to go on with
  const facts: Facts = { eachSide: new Set(), depths: new Map(), needs: new Map(), green: 0, amber: 0 }
  let id = ''
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*$/, '').trimEnd()
    const exercise = line.match(/^exercise (\S+) /)
    if (exercise) { id = exercise[1]!; continue }
    const band = line.match(/^set pain (green|amber) at most (\d+(?:\.\d+)?) NPRS/)
    if (band) facts[band[1] as 'green' | 'amber'] = Number(band[2])
    if (line !== '' && !line.startsWith(' ')) id = ''
    if (!id) continue
    if (/^\s+role .*\beach side\b/.test(line)) facts.eachSide.add(id)
    const needs = line.match(/^\s+role .*\bneeds ((?:[a-z]+)(?: or [a-z]+)*)/)
    if (needs) facts.needs.set(id, needs[1]!.split(' or '))
    const depth = line.match(/^\s+level .*\bdepth (\d+) deg/)
    if (depth) facts.depths.set(id, [...new Set([...(facts.depths.get(id) ?? []), Number(depth[1])])].sort((a, b) => a - b))
  }
  return facts
}
