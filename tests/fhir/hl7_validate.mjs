/**
 * hl7_validate.mjs: every shape of resource that `loadwave fhir` emits, R4 and R5, through the official HL7 validator, offline;
 * and what a running server said to tests/fhir/clients (Bundles, outcomes, creates, its trail), which has to run before.
 *
 *     node tests/fhir/hl7_validate.mjs [--every N] [--r4|--r5]    prints the report that docs/fhir-validation.md keeps
 *
 * The validator is org.hl7.fhir 6.0.21 as the npm package node-java-fhir-validator holds it, run with Java 17. It wants the
 * network for packages; here it finds each of them in a home of its own: the core definitions from hl7.fhir.r4.examples and
 * hl7.fhir.r5.core, empty stubs for what it asks for besides, and folders in its working folder for those it looks for there
 * first. Terminology is off: codes are held against the value sets of the core packages only. In R4 AuditEvents name BALP's
 * rules (balp.mjs) as their profile here, and forms and their answers SDC's profiles, which are of R4 alone. Some resources are broken on purpose: the run fails when one of them passes.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { profileOf, profiles } from './balp.mjs'
import { gather, ready, root, said } from './gather.mjs'

const modules = join(root, 'tests/fhir/hl7/node_modules')
const work = resolve(process.env.LW_BUILD ?? join(root, 'build'), 'fhir-hl7') // Java runs in a folder of its own
const every = Number(process.argv[process.argv.indexOf('--every') + 1]) || 1
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire'
const sdc = { Questionnaire: [SDC, `${SDC}-behave`], QuestionnaireResponse: [`${SDC}response`] }
const ALGORITHM = 'Questionnaire.versionAlgorithm[x]'
/** Extensions of HL7's own that no package here defines; SDC's profiles name them. Of ours one is written, with its value. */
const standIns = [ALGORITHM, 'Questionnaire.copyrightLabel', 'Questionnaire.item.disabledDisplay', 'Questionnaire.item.answerConstraint'].map((element, i) => ({
  resourceType: 'StructureDefinition', id: `stand-in-${i}`, url: `http://hl7.org/fhir/5.0/StructureDefinition/extension-${element}`, version: '5.0', name: `StandIn${i}`,
  status: 'active', fhirVersion: '4.0.1', kind: 'complex-type', abstract: false, context: [{ type: 'element', expression: 'Element' }], type: 'Extension',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension', derivation: 'constraint',
  differential: { element: [
    { id: 'Extension', path: 'Extension' },
    { id: 'Extension.extension', path: 'Extension.extension', max: '0' },
    { id: 'Extension.url', path: 'Extension.url', fixedUri: `http://hl7.org/fhir/5.0/StructureDefinition/extension-${element}` },
    { id: 'Extension.value[x]', path: 'Extension.value[x]', min: 1, type: element === ALGORITHM ? [{ code: 'Coding' }, { code: 'string' }] : [{ code: 'code' }] },
  ] },
}))
const java = process.env.JAVA ?? 'java'
if (!ready() || !existsSync(modules)) {
  console.log('needs make build, and npm ci in tests/fhir/hl7')
  process.exit(1)
}
if (!existsSync(said)) {
  console.log(`needs what a server said, in ${said}: make fhir-clients`)
  process.exit(1)
}

const CONFORMANCE = /^(StructureDefinition|ValueSet|CodeSystem|SearchParameter|ConceptMap|OperationDefinition|NamingSystem|CompartmentDefinition)-/

/** A package in the cache, with the index that the loader reads. */
function pack(home, id, version, fhir, folder, keep = () => true) {
  const to = join(home, '.fhir/packages', `${id}#${version}`, 'package')
  mkdirSync(to, { recursive: true })
  const files = []
  for (const filename of folder ? readdirSync(folder) : []) {
    if (!filename.endsWith('.json') || !CONFORMANCE.test(filename) || filename.includes('spdx-license') || !keep(filename)) continue
    const text = readFileSync(join(folder, filename), 'utf8')
    const r = JSON.parse(text)
    if (!r.url || !r.resourceType) continue
    writeFileSync(join(to, filename), text)
    files.push({ filename, resourceType: r.resourceType, id: r.id, url: r.url, version: r.version, kind: r.kind, type: r.type, supplements: r.supplements, content: r.content, valueSet: r.valueSet, derivation: r.derivation })
  }
  writeFileSync(join(to, '.index.json'), JSON.stringify({ 'index-version': 2, files }))
  writeFileSync(join(to, 'package.json'), JSON.stringify({ name: id, version, type: id.endsWith('.core') ? 'fhir.core' : 'fhir.ig', 'tools-version': 3, fhirVersions: [fhir], canonical: 'http://hl7.org/fhir', url: 'http://hl7.org/fhir', title: id, description: id, author: 'HL7', license: 'CC0-1.0', dependencies: {} }))
  return files.length
}

/** Messages of the validator by file: [{file, level, text}]. */
function run(version, input, home) {
  const place = join(work, `at-${version}`)
  for (const name of ['hl7.terminology', 'hl7.fhir.uv.extensions', 'input', 'ours']) {
    rmSync(join(place, name), { recursive: true, force: true })
    mkdirSync(join(place, name), { recursive: true })
  }
  const core = join(modules, version === '4.0.1' ? 'hl7.fhir.r4.examples' : 'hl7.fhir.r5.core')
  const one = readdirSync(core).find((name) => name === 'CodeSystem-action-code.json' || name === 'CodeSystem-administrative-gender.json')
  cpSync(join(core, one), join(place, 'hl7.terminology', one))
  cpSync(join(core, one), join(place, 'hl7.fhir.uv.extensions', one))
  if (version !== '4.0.1') {
    for (const name of ['minValue', 'maxValue', 'maxDecimalPlaces', 'itemWeight', 'translation']) {
      const file = `StructureDefinition-${name}.json`
      cpSync(join(modules, 'hl7.fhir.uv.extensions.r5', file), join(place, 'ours', file))
    }
    // R5 keeps its HL7 code systems in a package of their own; those of the R4 one are the same codes
    for (const name of readdirSync(join(modules, 'hl7.fhir.r4.examples')).filter((file) => file.startsWith('CodeSystem-'))) {
      const file = join(modules, 'hl7.fhir.r4.examples', name)
      if (!name.includes('spdx') && readFileSync(file, 'utf8').includes('"http://terminology.hl7.org/CodeSystem/')) cpSync(file, join(place, 'hl7.terminology', name))
    }
  }
  const ours = readdirSync(join(root, 'tests/fhir/definitions')).map((name) => join(root, 'tests/fhir/definitions', name))
  const of = join(modules, 'hl7.fhir.uv.sdc')
  const theirs = readdirSync(of).filter((name) => version === '4.0.1' ? /^(StructureDefinition-sdc-questionnaire|CodeSystem-|ValueSet-)/.test(name) : name.endsWith('-calculatedExpression.json')).map((name) => join(of, name))
  if (version === '4.0.1') {
    theirs.push(...['targetConstraint', 'itemWeight'].map((name) => join(modules, `hl7.fhir.uv.extensions.r5/StructureDefinition-${name}.json`)))
    cpSync(join(modules, 'hl7.fhir.r5.core/CodeSystem-version-algorithm.json'), join(place, 'ours/CodeSystem-version-algorithm.json'))
  }
  for (const file of [...ours, ...theirs]) {
    const { snapshot, ...definition } = JSON.parse(readFileSync(file, 'utf8')) // the validator makes its own, of this version
    writeFileSync(join(place, 'ours', basename(file)), JSON.stringify({ ...definition, fhirVersion: version }))
  }
  for (const profile of version === '4.0.1' ? [...profiles(), ...standIns] : []) writeFileSync(join(place, 'ours', `${profile.id}.json`), JSON.stringify(profile))
  cpSync(input, join(place, 'input'), { recursive: true })
  const jars = join(modules, 'node-java-fhir-validator/src/java-pkgs')
  const args = ['-Xmx1600m', `-Duser.home=${home}`, '-cp', `${jars}/*`, 'org.hl7.fhir.validation.ValidatorCli', 'input', '-version', version, '-tx', 'n/a', '-ig', 'ours', '-output', 'out.json']
  const done = spawnSync(java, args, { cwd: place, encoding: 'utf8', maxBuffer: 1 << 30 })
  writeFileSync(join(work, `output-${version}.txt`), `${done.stdout}\n${done.stderr}`)
  const messages = []
  if (!existsSync(join(place, 'out.json'))) {
    console.log(`${done.stdout}\n${done.stderr}`.split('\n').slice(-40).join('\n'))
    throw new Error(`the validator gave no result for ${version}`)
  }
  const bundle = JSON.parse(readFileSync(join(place, 'out.json'), 'utf8'))
  const outcomes = bundle.resourceType === 'Bundle' ? bundle.entry.map((e) => e.resource) : [bundle]
  for (const outcome of outcomes) {
    const file = outcome.extension?.find((e) => e.url.endsWith('operationoutcome-file'))?.valueString ?? '?'
    for (const issue of outcome.issue ?? []) messages.push({ file, level: issue.severity, at: issue.expression?.[0] ?? '', text: issue.details?.text ?? '' })
  }
  return { checked: outcomes.length, messages, engine: /FHIR Validation tool Version ([^ ]+)/.exec(done.stdout)?.[1] ?? '?' }
}

const home = join(work, 'home')
if (!existsSync(join(home, 'whole'))) {
  pack(home, 'hl7.fhir.r4.core', '4.0.1', '4.0.1', join(modules, 'hl7.fhir.r4.examples'))
  pack(home, 'hl7.fhir.r5.core', '5.0.0', '5.0.0', join(modules, 'hl7.fhir.r5.core'))
  pack(home, 'hl7.fhir.xver-extensions', '0.0.12', '4.0.1')
  pack(home, 'hl7.fhir.uv.extensions', '1.0.0', '5.0.0')
  writeFileSync(join(home, 'whole'), '')
}

let errors = 0
const versions = [['4.0.1', false], ['5.0.0', true]].filter(([, r5]) => !process.argv.includes(r5 ? '--r4' : '--r5'))
for (const [version, r5] of versions) {
  const input = join(work, `input-${version}`)
  rmSync(input, { recursive: true, force: true })
  mkdirSync(input, { recursive: true })
  const counts = {}
  let n = 0
  const first = {} // of each type; for the faults
  const put = (name, resource) => writeFileSync(join(input, `${name}-${resource.resourceType}.json`), JSON.stringify(resource))
  const profiled = (resource) => {
    const profile = r5 ? undefined : resource?.resourceType === 'AuditEvent' ? [profileOf(resource)].filter(Boolean) : sdc[resource?.resourceType]
    return profile?.length ? { ...resource, meta: { ...resource.meta, profile } } : resource
  }
  const told = await gather({
    build: join(work, 'stories'), r5, every, server: said,
    each(resource) {
      counts[resource.resourceType] = (counts[resource.resourceType] ?? 0) + 1
      const { entry } = resource
      put(String(++n).padStart(6, '0'), entry ? { ...resource, entry: entry.map((e) => ({ ...e, resource: profiled(e.resource) })) } : profiled(resource))
      for (const one of [resource, ...(entry ?? []).map((e) => e.resource)]) {
        if (one.resourceType !== 'AuditEvent' || profileOf(one) === 'urn:loadwave:fhir:StructureDefinition:balp-patient-read') first[one.resourceType] ??= one
      }
    },
  })
  const faults = {
    'a status left out': ['Observation', (o) => delete o.status],
    'a status that is none': ['CarePlan', (o) => (o.status = 'going well')],
    'a formula that is text': ['Questionnaire', (o) => (o.item[0].extension = [{ url: `${SDC}-calculatedExpression`, valueString: '1 + 1' }])],
    'an extension nobody knows': ['Patient', (o) => (o.extension = [{ url: 'urn:loadwave:fhir:nothing', valueCode: 'x' }])],
    'a Bundle of no type': ['Bundle', (o) => delete o.type],
    'an outcome without a severity': ['OperationOutcome', (o) => delete o.issue[0].severity],
    ...(r5 ? {} : {
      'an access without the client\'s network': ['AuditEvent', (o) => delete o.agent[0].network],
      'an access without its patient': ['AuditEvent', (o) => (o.entity = o.entity.filter((e) => e.type.code !== '1'))],
      'a form whose versions nobody can compare': ['Questionnaire', (o) => delete o.extension],
      'answers to no form': ['QuestionnaireResponse', (o) => delete o.questionnaire],
      'an access of another kind': ['AuditEvent', (o) => (o.subtype[0].code = 'vread')],
    }),
  }
  for (const [i, [type, spoil]] of Object.values(faults).entries()) {
    const copy = structuredClone(profiled(first[type]))
    spoil(copy)
    put(`fault${i}`, copy)
  }
  const began = Date.now()
  const result = run(version, input, home)
  const isBad = (m) => m.level === 'error' || m.level === 'fatal'
  let seen = 0
  for (const [i, name] of Object.keys(faults).entries()) {
    if (result.messages.some((m) => isBad(m) && basename(m.file).startsWith(`fault${i}-`))) {
      seen++
      continue
    }
    errors++
    console.log(`not seen: ${name}, which was put in on purpose`)
  }
  result.messages = result.messages.filter((m) => !basename(m.file).startsWith('fault'))
  const kinds = new Map()
  for (const m of result.messages.filter((m) => m.level !== 'information')) {
    const plain = (text) => text.replace(/\/\*[^*]*\*\//g, '').replace(/\[\d+\]/g, '[n]').replace(/^Bundle\.entry\[n\]\.resource\.?/, '').replace(/'[^']*'/g, "'…'")
    const key = `${m.level} | ${plain(m.at)} | ${plain(m.text)}`
    kinds.set(key, { count: (kinds.get(key)?.count ?? 0) + 1, file: kinds.get(key)?.file ?? m.file, text: m.text })
  }
  const bad = result.messages.filter(isBad).length
  errors += bad + told.wrong.length
  console.log(`FHIR ${version}, validator ${result.engine}: ${told.bundles} records, ${told.resources} resources, ${told.shapes} shapes of them checked (${told.server} a server's; ${seen} broken ones seen) in ${Math.round((Date.now() - began) / 1000)} s; ${bad} errors`)
  console.log(Object.entries(counts).map(([type, count]) => `${type} ${count}`).join(', '))
  for (const text of told.wrong.slice(0, 20)) console.log(`promise broken: ${text}`)
  for (const [key, { count, file, text }] of [...kinds].sort()) console.log(`  ${count} × ${key}\n      e.g. ${file.split('/').pop()}: ${text}`)
}
console.log(errors ? `${errors} ERRORS` : 'no error')
process.exit(errors ? 1 : 0)
