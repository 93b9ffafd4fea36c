/**
 * From joint angles to a drawing. A figure file (protocols/pht/figures/) holds the angles of a stick figure at a few moments; here they
 * become the shapes of a person seen from the side, at any moment between. Pure: no clock, no document.
 *
 * Method: the joints follow from the angles (forward kinematics), the part that stays in place is put where it belongs, and a foot
 * that carries weight is brought to the ground and kept there by bending its own knee (two-bone inverse kinematics), so that nothing
 * slides or sinks. Lengths are centimetres of an adult of middle height; y points up, the ground is y = 0, the figure faces +x.
 */
export type Joints = { hip_deg: number; knee_deg: number; ankle_deg: number }
export type Frame = Joints & { t: number; trunk_deg: number; pelvis_deg: number; other: Joints; support: string[] }
export type FigureFile = {
  format: string; exercise: string; view: 'side' | 'front'; loop: boolean; root: string
  equipment: { kind: string; at: string }[]; frames: Frame[]
}
type P = { x: number; y: number }
/** A shape of the drawing: a stroke of some width, a disc, or a box. Its class says what it belongs to; theme colours follow from that. */
export type Shape =
  | { as: 'line'; of: string; points: P[]; width: number }
  | { as: 'disc'; of: string; at: P; r: number }
  | { as: 'box'; of: string; x: number; y: number; w: number; h: number; r: number }
export type Box = { x: number; y: number; w: number; h: number }

const SHANK = 43, THIGH = 43, TRUNK = 48, UPPER = 28, FORE = 25, BODY = 9, ANKLE = 7, TOE = 16, HEEL = 5, HEAD = 11
const SLOPE = Math.tan((9 * Math.PI) / 180)
const rad = (deg: number) => (deg * Math.PI) / 180
/** A direction from straight down, forward positive. */
const down = (deg: number): P => ({ x: Math.sin(rad(deg)), y: -Math.cos(rad(deg)) })
const plus = (a: P, b: P, size = 1): P => ({ x: a.x + b.x * size, y: a.y + b.y * size })
const between = (a: P, b: P, share: number): P => ({ x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share })
const far = (a: P, b: P) => Math.hypot(a.x - b.x, a.y - b.y)
const mix = (a: number, b: number, share: number) => a + (b - a) * share

/** The joint between two bones from a to b: of the two places the one nearer to `near`. Too far: straight. */
function bend(a: P, b: P, first: number, second: number, near: P): { joint: P; end: P } {
  const gap = Math.min(Math.max(far(a, b), Math.abs(first - second) + 0.01), first + second - 0.01)
  const way = far(a, b) < 0.01 ? { x: 0, y: -1 } : { x: (b.x - a.x) / far(a, b), y: (b.y - a.y) / far(a, b) }
  const along = (first * first - second * second + gap * gap) / (2 * gap)
  const side = Math.sqrt(Math.max(0, first * first - along * along))
  const foot = plus(a, way, along)
  const one = { x: foot.x - way.y * side, y: foot.y + way.x * side }
  const two = { x: foot.x + way.y * side, y: foot.y - way.x * side }
  return { joint: far(one, near) <= far(two, near) ? one : two, end: plus(a, way, gap) }
}

const blendJoints = (a: Joints, b: Joints, share: number): Joints => ({
  hip_deg: mix(a.hip_deg, b.hip_deg, share), knee_deg: mix(a.knee_deg, b.knee_deg, share), ankle_deg: mix(a.ankle_deg, b.ankle_deg, share),
})
const blend = (a: Frame, b: Frame, share: number, t: number): Frame => ({
  ...blendJoints(a, b, share), t, trunk_deg: mix(a.trunk_deg, b.trunk_deg, share), pelvis_deg: mix(a.pelvis_deg, b.pelvis_deg, share),
  other: blendJoints(a.other, b.other, share), support: a.support.filter((part) => b.support.includes(part)),
})

/** The same movement, no deeper than `deg` of hip flexion: every frame moved towards the one with the straightest hip. */
function limited(file: FigureFile, deg: number): Frame[] {
  const frames = file.frames
  if (file.root === 'seat') {
    // another seat height: the hip takes what the plan says; from half way on the trunk is upright
    const rise = deg - Math.max(...frames.map((frame) => frame.hip_deg))
    return rise < 5 ? frames : frames.map((frame) => ({ ...frame, trunk_deg: 0, hip_deg: frame.hip_deg + rise, knee_deg: frame.hip_deg + rise + (frame.knee_deg - frame.hip_deg - 12), other: { ...frame.other, hip_deg: frame.other.hip_deg + rise, knee_deg: frame.other.hip_deg + rise } }))
  }
  if (file.root === 'pelvis' || file.view === 'front') return frames
  const base = frames.reduce((best, frame) => (frame.hip_deg < best.hip_deg ? frame : best))
  const deepest = Math.max(...frames.map((frame) => frame.hip_deg))
  const share = deepest > deg + 1 ? Math.max(0, deg - base.hip_deg) / (deepest - base.hip_deg) : 1
  return share === 1 ? frames : frames.map((frame) => ({ ...blend(base, frame, share, frame.t), support: frame.support }))
}

type Leg = { hip: P; knee: P; ankle: P; toe: P; heel: P }
type Body = { frame: Frame; pelvis: P; chest: P; shoulder: P; head: P; legs: [Leg, Leg] }

function foot(ankle: P, deg: number): { toe: P; heel: P } {
  const u = down(deg)
  const sole = { x: u.y, y: -u.x }
  return { toe: plus(plus(ankle, u, TOE), sole, 4), heel: plus(plus(ankle, u, -HEEL), sole, 4) }
}
/** A straight leg's joints from the hip downward. */
function leg(hip: P, joints: Joints, lean: number): Leg {
  const thigh = joints.hip_deg - lean
  const shank = thigh - joints.knee_deg
  const knee = plus(hip, down(thigh), THIGH)
  const ankle = plus(knee, down(shank), SHANK)
  return { hip, knee, ankle, ...foot(ankle, shank + 90 + joints.ankle_deg) }
}
function body(frame: Frame): Body {
  const pelvis = { x: 0, y: 0 }
  const up = { x: Math.sin(rad(frame.trunk_deg)), y: Math.cos(rad(frame.trunk_deg)) }
  const lean = frame.trunk_deg + frame.pelvis_deg
  const shoulder = plus(pelvis, up, TRUNK)
  return {
    frame, pelvis, chest: plus(pelvis, up, TRUNK * 0.7), shoulder, head: plus(shoulder, up, 17),
    legs: [leg(pelvis, frame, lean), leg(pelvis, frame.other, lean)],
  }
}
const move = (one: Body, by: P): Body => {
  const to = (p: P) => plus(p, by)
  const limb = (a: Leg): Leg => ({ hip: to(a.hip), knee: to(a.knee), ankle: to(a.ankle), toe: to(a.toe), heel: to(a.heel) })
  return { frame: one.frame, pelvis: to(one.pelvis), chest: to(one.chest), shoulder: to(one.shoulder), head: to(one.head), legs: [limb(one.legs[0]), limb(one.legs[1])] }
}
const turn = (one: Body, around: P, deg: number): Body => {
  const [c, s] = [Math.cos(rad(deg)), Math.sin(rad(deg))]
  const to = (p: P) => ({ x: around.x + (p.x - around.x) * c - (p.y - around.y) * s, y: around.y + (p.x - around.x) * s + (p.y - around.y) * c })
  const limb = (a: Leg): Leg => ({ hip: to(a.hip), knee: to(a.knee), ankle: to(a.ankle), toe: to(a.toe), heel: to(a.heel) })
  return { frame: one.frame, pelvis: to(one.pelvis), chest: to(one.chest), shoulder: to(one.shoulder), head: to(one.head), legs: [limb(one.legs[0]), limb(one.legs[1])] }
}

export type Scene = {
  file: FigureFile; frames: Frame[]; length: number
  /** Where the part that stays is held, the height of what it rests on, and where each planted foot stands (null: free along the ground). */
  surface: number; planted: [P | null, P | null]; heights: number[]; root: string; bounds: Box
  /** How fast the ground passes under a running figure, cm a second. */
  passing: number
}
const KINDS = (file: FigureFile) => new Set(file.equipment.map((one) => one.kind))
const FOOT = ['foot', 'other_foot'] as const

/** Height of the ground under x. */
const ground = (scene: Pick<Scene, 'file'>, x: number) => (KINDS(scene.file).has('hill') ? x * SLOPE : 0)

/** The frame at `t` seconds, the last leading back to the first. */
export function frameAt(frames: Frame[], t: number): { frame: Frame; index: number; share: number } {
  const length = frames[frames.length - 1]!.t
  const at = length > 0 ? ((t % length) + length) % length : 0
  let index = 0
  while (index < frames.length - 2 && frames[index + 1]!.t <= at) index++
  const [a, b] = [frames[index]!, frames[index + 1] ?? frames[index]!]
  const linear = b.t > a.t ? (at - a.t) / (b.t - a.t) : 0
  // slow movements begin and end softly; fast ones flow
  const share = b.t - a.t >= 1 ? linear * linear * (3 - 2 * linear) : linear
  return { frame: blend(a, b, share, at), index, share }
}

/** Puts the root in its place; feet are still where the angles have them. */
function placed(scene: Scene, frame: Frame, height: number): Body {
  const one = body(frame)
  const [near, other] = one.legs
  switch (scene.root) {
    case 'shoulders': return move(one, { x: -one.shoulder.x, y: BODY + scene.surface - one.shoulder.y })
    case 'back': case 'belly': return move(one, { x: 0, y: BODY + scene.surface })
    case 'seat': return move(one, { x: 0, y: scene.surface })
    case 'knee': return move(one, { x: -near.knee.x, y: 6.5 - near.knee.y })
    case 'toes': return move(one, { x: -near.toe.x, y: 3 - near.toe.y })
    case 'pelvis': return move(one, { x: 0, y: height })
    case 'other_foot': return move(one, { x: -other.ankle.x, y: ANKLE + scene.surface - other.ankle.y })
    default: return move(one, { x: -near.ankle.x, y: ANKLE + scene.surface - near.ankle.y })
  }
}
/** How far below the ground the lowest of a leg is (negative: above). */
const depth = (scene: Scene, limb: Leg) => Math.max(...[limb.toe, limb.heel].map((p) => ground(scene, p.x) + 3 - p.y))

/** The foot of an ankle that stands at `ankle`: flat when low, on the ball when the heel is up; toes keep their side. */
function standing(scene: Scene, ankle: P, before: Leg, surface: number, forward: boolean): { toe: P; heel: P } {
  const base = ground(scene, ankle.x) + surface
  const high = ankle.y - base
  const points = before.toe.x - before.ankle.x
  const tilt = (Math.atan2(before.toe.y - before.heel.y, Math.abs(before.toe.x - before.heel.x)) * 180) / Math.PI
  const up = tilt > 60 && high <= ANKLE + 4
  if (up) return { toe: plus(ankle, { x: before.toe.x - before.ankle.x, y: before.toe.y - before.ankle.y }), heel: plus(ankle, { x: before.heel.x - before.ankle.x, y: before.heel.y - before.ankle.y }) }
  const sign = forward || points >= 0 ? 1 : -1
  let [low, top] = [0, 90]
  for (let i = 0; i < 20; i++) {
    const tilt = (low + top) / 2
    if (high - TOE * Math.sin(rad(tilt)) - 4 * Math.cos(rad(tilt)) - 3 > 0) low = tilt
    else top = tilt
  }
  const feet = foot(ankle, sign > 0 ? 90 - low : -90 + low)
  return sign > 0 ? feet : { toe: { x: ankle.x - TOE * Math.cos(rad(low)), y: ankle.y - TOE * Math.sin(rad(low)) - 2 }, heel: { x: ankle.x + HEEL * 0.5, y: ankle.y + 3 } }
}

/** The whole body at `t`: placed, feet on the ground, knees where they have to be for that. */
export function poseAt(scene: Scene, t: number): Body {
  const { frame, index, share } = frameAt(scene.frames, t)
  const next = Math.min(index + 1, scene.heights.length - 1)
  const one = placed(scene, frame, mix(scene.heights[index]!, scene.heights[next]!, share))
  if (scene.file.view === 'front') {
    // the elbow under the shoulder: the straight body turns about the foot until it is
    const away = one.shoulder.x - one.legs[0].ankle.x
    const deg = (Math.atan2(one.shoulder.y - one.legs[0].ankle.y, -away) * 180) / Math.PI
    const want = (Math.asin(Math.min(1, (UPPER + 4 + (frame.trunk_deg + 75) * 0.35 - ANKLE) / Math.hypot(away, one.shoulder.y - ANKLE))) * 180) / Math.PI
    return turn(one, one.legs[0].ankle, deg - want)
  }
  const upright = Math.abs(frame.trunk_deg) < 75
  const legs = one.legs.map((limb, i) => {
    const isRoot = scene.root === FOOT[i] || (scene.root === 'toes')
    const surface = KINDS(scene.file).has('box') && scene.file.exercise === 'step-up' ? (i === 0 ? scene.surface : scene.surface * stepShare(scene, index, share)) : 0
    const carries = frame.support.includes(FOOT[i]!)
    const spot = scene.planted[i]
    if (scene.root === 'toes') return limb
    if (isRoot) return { ...limb, ...standing(scene, limb.ankle, limb, scene.surface, upright) }
    let target: P | null = null
    if (spot && carries) target = spot
    else if (carries) {
      const base = ground(scene, limb.ankle.x) + surface
      const high = limb.ankle.y - base
      if (high < ANKLE || high > ANKLE + 16) target = { x: limb.ankle.x, y: base + Math.min(Math.max(high, ANKLE), ANKLE + 13) }
    } else {
      const sunk = depth(scene, limb) + surface
      if (sunk > 0) target = { x: limb.ankle.x, y: limb.ankle.y + sunk }
    }
    const straight = target ? bend(limb.hip, target, THIGH, SHANK, limb.knee) : { joint: limb.knee, end: limb.ankle }
    const moved: Leg = { ...limb, knee: straight.joint, ankle: straight.end, toe: plus(limb.toe, { x: straight.end.x - limb.ankle.x, y: straight.end.y - limb.ankle.y }), heel: plus(limb.heel, { x: straight.end.x - limb.ankle.x, y: straight.end.y - limb.ankle.y }) }
    const low = depth(scene, moved) + surface
    return carries || low > 0 ? { ...moved, ...standing(scene, moved.ankle, moved, surface, upright && scene.root !== 'knee') } : moved
  }) as [Leg, Leg]
  // a head lies on the ground, not in it
  return { ...one, head: { x: one.head.x, y: Math.max(one.head.y, HEAD) }, legs }
}
/** On a step-up the other foot comes up onto the box: 0 on the ground, 1 on the box. */
function stepShare(scene: Scene, index: number, share: number): number {
  const on = (frame: Frame) => 1 - Math.min(1, Math.max(0, frame.hip_deg - 6) / Math.max(1, Math.max(...scene.frames.map((one) => one.hip_deg)) - 6))
  return mix(on(scene.frames[index]!), on(scene.frames[index + 1] ?? scene.frames[index]!), share)
}

/** Everything that does not change with time. `deg`: the hip bends no further than this. */
export function sceneOf(file: FigureFile, deg?: number | null): Scene {
  const frames = deg === null || deg === undefined ? file.frames : limited(file, deg)
  const kinds = KINDS(file)
  const always = (parts: string[]) => frames.every((frame) => parts.some((part) => frame.support.includes(part)))
  const root = file.view === 'side' && file.root === 'foot' && always(['shoulders', 'back']) ? 'shoulders' : file.root
  const scene: Scene = { file, frames, length: frames[frames.length - 1]!.t, surface: 0, planted: [null, null], heights: frames.map(() => 0), root, bounds: { x: 0, y: 0, w: 1, h: 1 }, passing: 0 }
  const drop = (limb: Leg) => limb.hip.y - Math.min(limb.toe.y, limb.heel.y) + 3

  if (root === 'seat') scene.surface = Math.max(...body(frames[0]!).legs.map((limb) => limb.hip.y - limb.ankle.y)) + ANKLE
  else if (kinds.has('bench')) scene.surface = root === 'shoulders' ? 39 : 42
  else if (file.exercise === 'step-up') {
    const first = body(file.frames[0]!).legs
    const share = frames === file.frames ? 1 : Math.max(0.35, Math.max(...frames.map((frame) => frame.hip_deg)) / Math.max(...file.frames.map((frame) => frame.hip_deg)))
    scene.surface = Math.max(8, (first[0].ankle.y - first[1].ankle.y) * share)
  } else if (kinds.has('treadmill')) scene.surface = 0

  if (root === 'pelvis') {
    const stands = (frame: Frame) => frame.support.length > 0
    scene.heights = frames.map((frame) => {
      const legs = body(frame).legs
      const carrying = legs.filter((_, i) => frame.support.includes(FOOT[i]!))
      return Math.max(...(carrying.length ? carrying : legs).map(drop).concat(carrying.length ? [] : [drop(legs[0]), drop(legs[1])]))
    })
    // in the air: between the two stances, and a little higher
    scene.heights = frames.map((frame, i) => {
      if (stands(frame)) return scene.heights[i]!
      const before = frames.slice(0, i).reverse().find(stands), after = frames.slice(i + 1).find(stands)
      const level = ((before ? scene.heights[frames.indexOf(before)]! : 80) + (after ? scene.heights[frames.indexOf(after)]! : 80)) / 2
      return file.exercise === 'lunge-jump' ? Math.max(level, scene.heights[i]! + 10) : level + 4
    })
    const speed: Record<string, number> = { 'a-skip': 90, bounding: 320, strides: 420, sprint: 620, 'hill-sprint': 480 }
    scene.passing = speed[file.exercise] ?? 0
  }
  // a foot that carries weight all the time and hardly moves stays exactly where it is
  for (const i of [0, 1] as const) {
    if (root === FOOT[i] || root === 'pelvis' || root === 'toes' || file.view === 'front' || !frames.every((frame) => frame.support.includes(FOOT[i]))) continue
    const spots = frames.map((frame) => placed(scene, frame, 0).legs[i].ankle)
    const xs = spots.map((spot) => spot.x)
    const spread = Math.max(...xs) - Math.min(...xs)
    const high = root === 'shoulders' || root === 'seat' ? ANKLE : spots.reduce((sum, spot) => sum + spot.y, 0) / spots.length
    if (spread < 20 && file.exercise !== 'step-up' && root !== 'knee' && root !== 'belly') scene.planted[i] = { x: xs.reduce((sum, x) => sum + x, 0) / xs.length, y: Math.min(Math.max(high, ANKLE), ANKLE + 14) }
  }
  scene.bounds = boundsOf(scene)
  return scene
}

// ---------------------------------------------------------------------------------------------------------------- drawing

type Arms = 'hang' | 'neck' | 'lap' | 'floor' | 'under' | 'chest' | 'rail' | 'run' | 'waist' | 'swing' | 'seat' | 'elbow' | 'jump'
const ARMS: Record<string, Arms> = {
  rdl: 'hang', deadlift: 'hang', 'split-squat': 'hang', 'good-morning': 'neck', 'hip-thrust': 'lap', 'curl-hold-prone': 'under', 'leg-curl-prone': 'under', 'hip-extension-prone': 'under',
  nordic: 'chest', 'nordic-assisted': 'chest', 'cable-extension': 'rail', 'treadmill-eccentric': 'rail', 'rdl-single': 'rail', 'a-skip': 'run', bounding: 'run', strides: 'run', sprint: 'run',
  'hill-sprint': 'run', 'reverse-lunge': 'waist', 'step-up': 'waist', 'calf-raise': 'rail', 'kettlebell-swing': 'swing', 'seated-hold': 'seat', 'side-plank': 'elbow', 'lunge-jump': 'jump',
}
const RAIL: Record<string, P> = { 'cable-extension': { x: 34, y: 98 }, 'treadmill-eccentric': { x: 40, y: 96 }, 'rdl-single': { x: 36, y: 97 }, 'calf-raise': { x: 22, y: 100 } }

/** Elbow and hand of the near (0) and the far (1) arm. */
function arm(scene: Scene, one: Body, side: 0 | 1): { elbow: P; hand: P } {
  const s = one.shoulder
  const lean = one.frame.trunk_deg
  const free = (upper: number, fore: number) => {
    const elbow = plus(s, down(upper), UPPER)
    return { elbow, hand: plus(elbow, down(fore), FORE) }
  }
  const reach = (hand: P, near: P) => {
    const found = bend(s, hand, UPPER, FORE, near)
    return { elbow: found.joint, hand: found.end }
  }
  const along = { x: (one.pelvis.x - s.x) / TRUNK, y: (one.pelvis.y - s.y) / TRUNK }
  const front = { x: -along.y, y: along.x }
  switch (ARMS[scene.file.exercise] ?? 'floor') {
    case 'hang': return free(2, 4)
    case 'neck': return { elbow: plus(plus(s, along, 20), front, 7), hand: plus(plus(s, along, -2), front, 1) }
    case 'lap': return reach(plus(plus(one.pelvis, along, 4), front, 12), plus(s, along, 30))
    case 'under': if (scene.surface === 0) return { elbow: { x: s.x + 8, y: 5 }, hand: { x: s.x + 24, y: 4 } }
      return reach({ x: s.x + 22, y: s.y - 4 }, { x: s.x + 10, y: s.y - 30 })
    case 'chest': {
      const guard = plus(plus(s, along, 16), front, 13)
      if (scene.file.exercise === 'nordic' && lean > 60) {
        const share = Math.min(1, (lean - 60) / 20)
        return reach(between(guard, { x: s.x + 12, y: 4 }, share), plus(plus(s, along, 22), front, 12))
      }
      return reach(guard, plus(plus(s, along, 24), front, 8))
    }
    case 'rail': {
      const rail = RAIL[scene.file.exercise]!
      return side === 1 && scene.file.exercise === 'rdl-single' ? free(0, 4) : reach(rail, plus(s, { x: 4, y: -30 }))
    }
    case 'run': {
      const limb = one.legs[side === 0 ? 1 : 0]
      const thigh = (Math.atan2(limb.knee.x - limb.hip.x, limb.hip.y - limb.knee.y) * 180) / Math.PI
      const upper = Math.max(-55, Math.min(45, (thigh - 25) * 0.9))
      return free(upper, upper + 85)
    }
    case 'jump': return free(lean > 8 ? 25 : -10, lean > 8 ? 95 : 60)
    case 'waist': return reach(plus(plus(one.pelvis, along, -7), front, 5), plus(plus(s, along, 24), front, -22))
    case 'swing': {
      const deep = Math.min(1, Math.max(0, one.frame.hip_deg / Math.max(...scene.frames.map((frame) => frame.hip_deg))))
      const deg = mix(80, -22, deep)
      return free(deg, deg + 2)
    }
    case 'seat': return reach({ x: one.pelvis.x - 15, y: one.pelvis.y - 4 }, { x: s.x - 22, y: s.y - 26 })
    case 'elbow': return side === 0 ? { elbow: plus(between(s, one.pelvis, 0.5), { x: 0, y: 13 }), hand: plus(one.pelvis, { x: 2, y: 8 }) } : { elbow: { x: s.x + 1, y: 4 }, hand: { x: s.x - FORE + 4, y: 4 } }
    default: return reach({ x: s.x + 51, y: 4 }, { x: s.x + 25, y: 40 })
  }
}

const line = (of: string, width: number, ...points: P[]): Shape => ({ as: 'line', of, points, width })
const disc = (of: string, at: P, r: number): Shape => ({ as: 'disc', of, at, r })
const box = (of: string, x: number, y: number, w: number, h: number, r = 2): Shape => ({ as: 'box', of, x, y, w, h, r })

function legShapes(of: string, limb: Leg): Shape[] {
  return [line(of, 7, limb.heel, limb.toe), line(of, 10, limb.knee, limb.ankle, between(limb.heel, limb.toe, 0.3)), line(of, 14, limb.hip, limb.knee)]
}
const armShapes = (of: string, s: P, one: { elbow: P; hand: P }): Shape[] => [line(of, 8, s, one.elbow, one.hand)]

function behind(scene: Scene, one: Body, t: number): Shape[] {
  const out: Shape[] = []
  const { x, w } = scene.bounds
  if (KINDS(scene.file).has('hill')) out.push(line('ground', 2, { x, y: x * SLOPE }, { x: x + w, y: (x + w) * SLOPE }))
  else out.push(line('ground', 2, { x, y: 0 }, { x: x + w, y: 0 }))
  if (scene.passing > 0) {
    const step = 60
    const slid = (t * scene.passing) % step
    for (let at = Math.ceil((x + slid) / step) * step - slid; at < x + w; at += step) {
      const y = ground(scene, at)
      out.push(line('ground', 2, { x: at, y: y - 5 }, { x: at - 14, y: y - 5 - (KINDS(scene.file).has('hill') ? 14 * SLOPE : 0) }))
    }
  }
  const near = one.legs[0]
  for (const { kind, at } of scene.file.equipment) {
    if (kind === 'mat') {
      out.push(box('soft', scene.bounds.x + scene.bounds.w * 0.06, -3, scene.bounds.w * 0.88, 4, 2))
    } else if (kind === 'bench' && at === 'back') {
      out.push(box('gear', -32, scene.surface - 7, 38, 7, 3), line('gear', 4, { x: -26, y: scene.surface - 6 }, { x: -26, y: 1 }), line('gear', 4, { x: 0, y: scene.surface - 6 }, { x: 0, y: 1 }))
    } else if (kind === 'bench') {
      const left = scene.file.exercise === 'leg-curl-prone' ? -38 : -6
      out.push(box('gear', left, scene.surface - 7, 92 - left, 7, 3), line('gear', 4, { x: left + 10, y: scene.surface - 6 }, { x: left + 10, y: 1 }), line('gear', 4, { x: 80, y: scene.surface - 6 }, { x: 80, y: 1 }))
    } else if (kind === 'stool') {
      const top = scene.surface - BODY
      out.push(line('gear', 4, { x: -12, y: top }, { x: -17, y: 1 }), line('gear', 4, { x: 5, y: top }, { x: 9, y: 1 }), line('gear', 3, { x: -15, y: top * 0.4 }, { x: 8, y: top * 0.4 }), box('gear', -19, top - 6, 30, 7, 3))
    } else if (kind === 'box' && at === 'foot') out.push(box('gear', -16, 0, 44, scene.surface, 2))
    else if (kind === 'box') {
      const hand = lowestHand(scene)
      if (hand.y > 24) out.push(box('gear', hand.x - 15, 0, 30, hand.y - 17, 2))
    } else if (kind === 'chair') out.push(line('gear', 5, { x: 40, y: 95 }, { x: 42, y: 1 }), box('gear', 42, 42, 36, 5, 2), line('gear', 4, { x: 74, y: 44 }, { x: 75, y: 1 }))
    else if (kind === 'cable') {
      out.push(line('gear', 5, { x: 62, y: 0 }, { x: 62, y: 168 }), line('gear', 4, { x: 62, y: 98 }, { x: 36, y: 98 }), disc('gear', { x: 62, y: 162 }, 4), line('rope', 2, { x: 62, y: 162 }, near.ankle))
    } else if (kind === 'treadmill') {
      out.push(box('gear', -78, -9, 140, 9, 4), line('gear', 5, { x: 54, y: 0 }, { x: 46, y: 100 }), line('gear', 5, { x: 50, y: 98 }, { x: 34, y: 96 }))
    } else if (kind === 'machine') out.push(line('gear', 4, { x: -42, y: scene.surface - 6 }, between(near.ankle, near.knee, 0.16)))
    else if (kind === 'strap') out.push(line('rope', 3, near.ankle, { x: 8, y: 8 }, { x: 9, y: 3 }))
    else if (kind === 'band' && at === 'chest') out.push(line('rope', 3, one.chest, { x: scene.bounds.x + 16, y: 146 }), disc('gear', { x: scene.bounds.x + 16, y: 146 }, 5))
  }
  if (scene.file.exercise === 'calf-raise') out.push(line('gear', 5, { x: 26, y: 0 }, { x: 26, y: 101 }), line('gear', 5, { x: 16, y: 100 }, { x: 30, y: 100 }))
  return out
}
const lowestHand = (scene: Scene): P => scene.frames.map((frame) => arm(scene, poseAt(scene, frame.t), 0).hand).reduce((low, hand) => (hand.y < low.y ? hand : low))

function before(scene: Scene, one: Body, arms: { elbow: P; hand: P }[]): Shape[] {
  const out: Shape[] = []
  const near = one.legs[0]
  const hand = arms[0]!.hand
  for (const { kind, at } of scene.file.equipment) {
    if (kind === 'barbell') {
      const along = { x: (one.pelvis.x - one.shoulder.x) / TRUNK, y: (one.pelvis.y - one.shoulder.y) / TRUNK }
      const spot = at === 'hands' ? plus(hand, { x: 0, y: -3 }) : at === 'hips' ? plus(one.pelvis, { x: -along.y, y: along.x }, 12) : plus(plus(one.shoulder, along, -3), { x: along.y, y: -along.x }, 6)
      out.push(disc('weight', spot, 14), disc('hub', spot, 4))
    } else if (kind === 'dumbbell') out.push(line('weight', 11, plus(hand, { x: -7, y: -3 }), plus(hand, { x: 7, y: -3 })))
    else if (kind === 'kettlebell') {
      const way = { x: (hand.x - arms[0]!.elbow.x) / FORE, y: (hand.y - arms[0]!.elbow.y) / FORE }
      out.push(line('rope', 4, hand, plus(hand, way, 7)), disc('weight', plus(hand, way, 13), 9))
    } else if (kind === 'ball') out.push(disc('weight', plus(near.knee, { x: 2, y: 3 }), 9))
    else if (kind === 'sliders') out.push(box('weight', near.heel.x - 6, 0, 16, 3, 1.5))
    else if (kind === 'anchor') out.push(disc('weight', plus(near.ankle, { x: -4, y: 7 }), 6), line('gear', 4, plus(near.ankle, { x: -4, y: 7 }), { x: near.ankle.x - 14, y: 0 }))
    else if (kind === 'machine') out.push(disc('weight', plus(between(near.ankle, near.knee, 0.1), { x: (near.ankle.y - near.knee.y) / SHANK * 11, y: -(near.ankle.x - near.knee.x) / SHANK * 11 }), 6))
  }
  return out
}

/** The drawing at `t`, back to front. `both`: both legs are the sore ones; `marked` false: none is. */
export function shapesAt(scene: Scene, t: number, marked = true, both = false): Shape[] {
  const one = poseAt(scene, t)
  const arms = [arm(scene, one, 0), arm(scene, one, 1)]
  const shift = scene.file.view === 'front' ? { x: 0, y: 0 } : { x: 3, y: 1.5 }
  const backLeg = { hip: plus(one.legs[1].hip, shift), knee: plus(one.legs[1].knee, shift), ankle: plus(one.legs[1].ankle, shift), toe: plus(one.legs[1].toe, shift), heel: plus(one.legs[1].heel, shift) }
  const sit = plus(plus(one.pelvis, { x: (one.pelvis.x - one.shoulder.x) / TRUNK, y: (one.pelvis.y - one.shoulder.y) / TRUNK }, 5), { x: (one.pelvis.y - one.shoulder.y) / TRUNK, y: -(one.pelvis.x - one.shoulder.x) / TRUNK }, 5)
  const nearArmLast = scene.file.exercise !== 'side-plank'
  return [
    ...behind(scene, one, t),
    ...armShapes('far', one.shoulder, arms[1]!),
    ...legShapes(marked && both ? 'sore-far' : 'far', backLeg),
    ...(nearArmLast ? [] : armShapes('near', one.shoulder, arms[0]!)),
    line('near', 18, one.pelvis, one.shoulder), line('near', 9, one.shoulder, one.head), disc('near', one.head, HEAD),
    ...legShapes(marked ? 'sore' : 'near', one.legs[0]),
    ...(marked ? [disc('spot', sit, 4.5)] : []),
    ...(nearArmLast ? armShapes('near', one.shoulder, arms[0]!) : []),
    ...before(scene, one, arms),
  ]
}

/** The most telling moment: where the movement is furthest from its beginning. */
export function tellingMoment(scene: Scene): number {
  const first = scene.frames[0]!
  const away = (frame: Frame) => Math.abs(frame.hip_deg - first.hip_deg) + Math.abs(frame.knee_deg - first.knee_deg) + Math.abs(frame.trunk_deg - first.trunk_deg) + Math.abs(frame.ankle_deg - first.ankle_deg)
  const cyclic = scene.root === 'pelvis'
  return (cyclic ? first : scene.frames.reduce((best, frame) => (away(frame) > away(best) + 1 ? frame : best))).t
}

function boundsOf(scene: Scene): Box {
  let [x0, x1, y1] = [Infinity, -Infinity, -Infinity]
  for (let i = 0; i <= 24; i++) {
    const one = poseAt(scene, (scene.length * i) / 24)
    for (const p of [one.head, one.pelvis, ...one.legs.flatMap((limb) => [limb.knee, limb.toe, limb.heel]), arm(scene, one, 0).hand, arm(scene, one, 0).elbow]) {
      x0 = Math.min(x0, p.x); x1 = Math.max(x1, p.x); y1 = Math.max(y1, p.y)
    }
  }
  const kinds = KINDS(scene.file)
  if (kinds.has('cable')) x1 = Math.max(x1, 66)
  if (kinds.has('treadmill')) { x0 = Math.min(x0, -80); x1 = Math.max(x1, 64) }
  if (kinds.has('band') && scene.file.exercise === 'nordic-assisted') x0 -= 40
  if (scene.file.exercise === 'rdl-single') x1 = Math.max(x1, 86)
  x0 -= 20; x1 += 20; y1 = Math.max(y1 + 18, 70)
  const y0 = kinds.has('hill') ? Math.min(-14, x0 * SLOPE - 8) : -14
  let w = x1 - x0, h = y1 - y0
  // one shape for all: four to three
  if (w / h < 4 / 3) { const more = (h * 4) / 3 - w; x0 -= more / 2; w += more } else { h = (w * 3) / 4 }
  return { x: x0, y: y0, w, h }
}
