/**
 * balp.mjs: what IHE's Basic Audit Log Patterns (BALP 1.1) ask of an AuditEvent of a read, search, create, update or delete,
 * with or without a patient: as assertions of our own, and as profiles for HL7's validator, which say the same.
 *
 * BALP has patterns of what succeeded only; what was refused is held against the same with an outcome that is no success.
 * R4: R5's AuditEvent is another one, for which there are no patterns.
 */
const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const has = (concept, system, code) => concept?.coding?.some((c) => c.system === system && c.code === code)
const is = (coding, system, code) => coding?.system === system && coding?.code === code
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'

/** By action: its interactions, the role of the client (the server has the other one), and what the user may be. */
const patterns = {
  R: { subtypes: ['read', 'vread'], client: '110152', user: ['IRCP'] },
  E: { subtypes: ['search', 'search-type', 'search-system'], client: '110153', user: ['IRCP'] },
  C: { subtypes: ['create'], client: '110153', user: ['AUT', 'INF', 'CST'] },
  U: { subtypes: ['update'], client: '110153', user: ['AUT', 'INF', 'CST'] },
  D: { subtypes: ['delete'], client: '110153', user: ['AUT', 'INF', 'CST'] },
}

/** Sentences; none: it is as BALP wants it. */
export function balp(event) {
  const wrong = []
  const want = (truth, text) => truth || wrong.push(`BALP: ${text}`)
  const pattern = patterns[event.action]
  if (!pattern) return [`BALP: no pattern for the action ${event.action}`]
  want(is(event.type, 'http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest'), 'type is rest')
  want(event.subtype?.some((s) => s.system === 'http://hl7.org/fhir/restful-interaction' && pattern.subtypes.includes(s.code)), `a subtype of ${event.action}`)
  want(/^\d{4}-\d{2}-\d{2}T/.test(event.recorded ?? ''), 'recorded')
  want(['0', '4', '8', '12'].includes(event.outcome), 'an outcome')

  for (const [name, code] of [['client', pattern.client], ['server', pattern.client === '110152' ? '110153' : '110152']]) {
    const agents = event.agent?.filter((a) => has(a.type, DCM, code)) ?? []
    want(agents.length === 1, `one agent that is the ${name}, ${code}`)
    want(agents.every((a) => a.who && (a.who.reference || a.who.identifier || a.who.display)), `the ${name} is named`)
    want(agents.every((a) => a.network?.address && ['1', '2', '3', '4', '5'].includes(a.network?.type)), `the ${name}'s network`)
    want(agents.every((a) => !a.media), `no medium of the ${name}`)
  }
  const users = event.agent?.filter((a) => pattern.user.some((code) => has(a.type, PARTICIPATION, code))) ?? []
  const others = event.agent?.filter((a) => !a.type?.coding?.some((c) => c.system === DCM) && !users.includes(a)) ?? []
  want(users.length <= 1 && others.length === 0, `the user is ${pattern.user.join(', ')}, and once`)
  want(users.every((a) => (a.who?.reference || a.who?.identifier) && a.requestor === true && !a.network && !a.media), 'the user is named, asked, and is no network')
  want(event.source?.observer, 'the source has an observer')

  const patients = event.entity?.filter((e) => is(e.type, TYPE, '1')) ?? []
  want(patients.length <= 1, 'one patient at most')
  want(patients.every((e) => is(e.role, ROLE, '1') && /^Patient\/[A-Za-z0-9.-]{1,64}$/.test(e.what?.reference ?? '')), 'the patient is a Patient')
  const data = event.entity?.filter((e) => is(e.type, TYPE, '2')) ?? []
  want(data.length === 1, 'one system object')
  for (const entity of data) {
    if (event.action === 'E') {
      want(is(entity.role, ROLE, '24'), 'a query has the role 24')
      want(!entity.what && !entity.lifecycle && !entity.detail, 'a query has no reference, lifecycle or detail')
      const text = Buffer.from(entity.query ?? '', 'base64')
      want(text.length > 0 && text.toString('base64') === entity.query, 'a query in base64')
      want(/^[A-Za-z]+(\?|$)/.test(text.toString()) || (event.outcome !== '0' && text.toString() === '?'), 'the query is the search that was asked')
    } else {
      want(['3', '4', '20'].some((code) => is(entity.role, ROLE, code)), 'an object has the role 3, 4 or 20')
      want(entity.what && (entity.what.reference || entity.what.display) && !entity.query, 'an object is named')
    }
  }
  return wrong
}

/** The profile below that an event is to keep; null for one that was refused. */
export function profileOf(event) {
  if (event.outcome !== '0' || !'REC'.includes(event.action)) return null
  const name = { R: 'read', E: 'query', C: 'create' }[event.action]
  return `urn:loadwave:fhir:StructureDefinition:balp-${event.entity.some((e) => is(e.type, TYPE, '1')) ? 'patient-' : ''}${name}`
}

// ---- the same as profiles ----

const coding = (system, code) => ({ system, code })
const concept = (system, code) => ({ coding: [coding(system, code)] })

/** Element definitions below AuditEvent: {path: constraints}; a slice is written `agent:client`. */
function rules(action, withPatient) {
  const pattern = patterns[action]
  const agent = (slice, type) => ({
    [`agent:${slice}`]: { sliceName: slice, min: 1, max: '1' },
    [`agent:${slice}.type`]: { min: 1, patternCodeableConcept: type },
    [`agent:${slice}.who`]: { min: 1 },
    [`agent:${slice}.media`]: { max: '0' },
    [`agent:${slice}.network`]: { min: 1 },
  })
  const query = action === 'E'
  return {
    type: { patternCoding: coding('http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest') },
    subtype: { min: 1, slicing: { discriminator: [{ type: 'value', path: '$this' }], rules: 'open' } },
    'subtype:asked': { sliceName: 'asked', min: 1, max: '1', patternCoding: coding('http://hl7.org/fhir/restful-interaction', query ? 'search-type' : pattern.subtypes[0]) },
    action: { min: 1, fixedCode: action },
    outcome: { min: 1, fixedCode: '0' },
    agent: { min: 2, slicing: { discriminator: [{ type: 'pattern', path: 'type' }], rules: 'open' } },
    ...agent('client', concept(DCM, pattern.client)),
    ...agent('server', concept(DCM, pattern.client === '110152' ? '110153' : '110152')),
    'agent:user': { sliceName: 'user', min: 0, max: '1' },
    'agent:user.type': { min: 1, patternCodeableConcept: concept(PARTICIPATION, pattern.user[0]) },
    'agent:user.who': { min: 1 },
    'agent:user.requestor': { fixedBoolean: true },
    'agent:user.media': { max: '0' },
    'agent:user.network': { max: '0' },
    entity: { min: withPatient ? 2 : 1, slicing: { discriminator: [{ type: 'pattern', path: 'type' }], rules: 'open' } },
    'entity:data': { sliceName: 'data', min: 1, max: '1' },
    'entity:data.what': query ? { max: '0' } : { min: 1 },
    'entity:data.type': { min: 1, patternCoding: coding(TYPE, '2') },
    'entity:data.role': { min: 1, patternCoding: coding(ROLE, query ? '24' : '4') },
    ...(query ? { 'entity:data.lifecycle': { max: '0' }, 'entity:data.query': { min: 1 }, 'entity:data.detail': { max: '0' } } : {}),
    ...(withPatient
      ? {
          'entity:patient': { sliceName: 'patient', min: 1, max: '1' },
          'entity:patient.what': { min: 1, type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] }] },
          'entity:patient.type': { min: 1, patternCoding: coding(TYPE, '1') },
          'entity:patient.role': { min: 1, patternCoding: coding(ROLE, '1') },
        }
      : {}),
  }
}

/** StructureDefinitions for HL7's validator. */
export function profiles() {
  return Object.entries({ read: 'R', query: 'E', create: 'C' }).flatMap(([name, action]) => ['', 'patient-'].map((with_) => {
    const id = `balp-${with_}${name}`
    const element = Object.entries(rules(action, with_ !== '')).map(([at, rest]) => ({ id: `AuditEvent.${at}`, path: `AuditEvent.${at.replace(/:[a-z]+/g, '')}`, ...rest }))
    return {
      resourceType: 'StructureDefinition', id, url: `urn:loadwave:fhir:StructureDefinition:${id}`, version: '1', name: id.replace(/(^|-)(.)/g, (_, __, c) => c.toUpperCase()),
      status: 'active', fhirVersion: '4.0.1', kind: 'resource', abstract: false, type: 'AuditEvent',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/AuditEvent', derivation: 'constraint', differential: { element: [{ id: 'AuditEvent', path: 'AuditEvent' }, ...element] },
    }
  }))
}
