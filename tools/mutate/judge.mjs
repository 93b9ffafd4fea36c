/**
 * judge.mjs: the stories for the mutation run.
 *
 *     node judge.mjs lay FOLDER       lays every story out as a record under FOLDER/stories, with an index
 *     node judge.mjs judge            reads "NAME<tab>PLAN" a line and answers what the story expects and this plan does
 *                                     not say, or "ok"
 */
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { engine, judge, paths, readStories, tell, unmet } from '../stories.mjs'

const [verb, folder] = process.argv.slice(2)

if (verb === 'lay') {
  paths.build = join(folder, 'stories')
  const failures = judge(tell(await engine(), readStories()))
  for (const f of failures) console.error(`${f.name}: ${f.lines.join('; ')}`)
  process.exitCode = failures.length ? 1 : 0
} else {
  const known = new Map(readStories().stories.map((story) => [story.story, story]))
  for await (const line of createInterface({ input: process.stdin })) {
    const tab = line.indexOf('\t')
    const text = line.slice(tab + 1)
    let plan
    try {
      plan = text.startsWith('{') ? JSON.parse(text) : { error: text }
    } catch {
      plan = null
    }
    let found = ['the plan cannot be read']
    if (plan) {
      try {
        found = unmet(known.get(line.slice(0, tab)), plan)
      } catch (e) {
        found = [e.message]
      }
    }
    process.stdout.write(`${found.length ? found[0].replace(/\s+/g, ' ') : 'ok'}\n`)
  }
}
