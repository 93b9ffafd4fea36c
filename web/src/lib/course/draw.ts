/** What the timeline draws beside lines and bars: bands and marks, each with a shape or pattern of its own. */
import type uPlot from 'uplot'
import type { CourseDay } from './course'
import type { Draw } from './Panel.svelte'

type Band = { from: number; to: number; value: string }
const left = (chart: uPlot, x: number) => chart.valToPos(x - 0.5, 'x', true)
const right = (chart: uPlot, x: number) => chart.valToPos(x + 0.5, 'x', true)
export const clip = (chart: uPlot, draw: (ctx: CanvasRenderingContext2D) => void) => {
  const { ctx, bbox } = chart
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  draw(ctx)
  ctx.restore()
}

/** Slanted lines over an area. */
function hatched(ctx: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, colour: string, ratio: number, step = 7) {
  ctx.save()
  ctx.beginPath()
  ctx.rect(x, y, width, height)
  ctx.clip()
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.25 * ratio
  ctx.beginPath()
  const gap = step * ratio
  for (let at = Math.floor((x - height) / gap) * gap; at < x + width; at += gap) {
    ctx.moveTo(at, y + height)
    ctx.lineTo(at + height, y)
  }
  ctx.stroke()
  ctx.restore()
}
const font = (ratio: number, weight = 600, size = 12) => `${weight} ${size * ratio}px ${getComputedStyle(document.body).fontFamily}`

/** Flares behind the pain. */
export const flareUnder = (flares: Band[]): Draw => (chart, ink, ratio) => clip(chart, (ctx) => {
  for (const flare of flares) {
    const x = left(chart, flare.from)
    const width = right(chart, flare.to) - x
    ctx.fillStyle = ink('warn-soft')
    ctx.fillRect(x, chart.bbox.top, width, chart.bbox.height)
    hatched(ctx, x, chart.bbox.top, width, chart.bbox.height, ink('warn'), ratio, flare.value === 'major' ? 5 : 9)
  }
})

/** Stages as named blocks, a flare hatched over them. */
export const stageLane = (stages: Band[], flares: Band[], name: (id: string) => string): Draw => (chart, ink, ratio) => clip(chart, (ctx) => {
  const { top, height } = chart.bbox
  for (const [i, stage] of stages.entries()) {
    const x = left(chart, stage.from)
    const width = right(chart, stage.to) - x
    ctx.fillStyle = ink(i % 2 === 0 ? 'accent-soft' : 'sunk')
    ctx.fillRect(x, top, width, height)
    ctx.strokeStyle = ink('line-strong')
    ctx.lineWidth = ratio
    ctx.strokeRect(x + 0.5, top + 0.5, width - 1, height - 1)
    write(ctx, name(stage.value), Math.max(x, chart.bbox.left) + 5 * ratio, top + height / 2, right(chart, stage.to), ink('text'), ratio)
  }
  for (const one of flares) {
    const x = left(chart, one.from)
    const width = right(chart, one.to) - x
    hatched(ctx, x, top + height - 6 * ratio, width, 6 * ratio, ink('warn'), ratio, 4)
  }
})
function write(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, until: number, colour: string, ratio: number) {
  ctx.font = font(ratio)
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ctx.fillStyle = colour
  let short = text
  while (short.length > 2 && x + ctx.measureText(short).width > until - 3 * ratio) short = `${short.slice(0, -2)}…`
  if (short.length > 2 || short === text) ctx.fillText(short, x, y)
}

/** ● done, ✕ missed, ○ still open. */
export const sessionLane = (days: readonly CourseDay[], of: (day: CourseDay) => string): Draw => (chart, ink, ratio) => {
  const { ctx } = chart
  const y = chart.bbox.top + chart.bbox.height / 2
  const dense = days.length > 120
  const size = (dense ? 2.5 : 4.5) * ratio
  ctx.lineWidth = (dense ? 1.5 : 2) * ratio
  for (const day of days) {
    const what = of(day)
    const x = chart.valToPos(day.x, 'x', true)
    ctx.beginPath()
    if (what === 'missed') {
      ctx.strokeStyle = ink('warn')
      ctx.moveTo(x - size, y - size)
      ctx.lineTo(x + size, y + size)
      ctx.moveTo(x + size, y - size)
      ctx.lineTo(x - size, y + size)
      ctx.stroke()
    } else if (what === 'done' || what === 'open') {
      ctx.arc(x, y, size, 0, 2 * Math.PI)
      ctx.fillStyle = ctx.strokeStyle = ink(what === 'done' ? 'good' : 'line-strong')
      if (what === 'done') ctx.fill()
      else ctx.stroke()
    }
  }
}

/** A triangle with the session's number above, the morning test after it below. */
export const shockLane = (days: readonly CourseDay[]): Draw => (chart, ink, ratio) => {
  const { ctx, bbox } = chart
  for (const day of days) {
    for (const shock of day.shock) {
      const x = chart.valToPos(day.x, 'x', true)
      const y = bbox.top + bbox.height
      const size = 7 * ratio
      ctx.fillStyle = ink('shock')
      ctx.beginPath()
      ctx.moveTo(x, y - 2 * size)
      ctx.lineTo(x + size, y - 0.2 * size)
      ctx.lineTo(x - size, y - 0.2 * size)
      ctx.fill()
      ctx.font = font(ratio)
      ctx.textAlign = 'center'
      ctx.textBaseline = 'top'
      ctx.fillText(String(shock.number), x, bbox.top)
      if (shock.next !== null) {
        ctx.textAlign = 'left'
        ctx.textBaseline = 'bottom'
        ctx.fillStyle = ink('morning')
        ctx.fillText(`■${shock.next}`, x + size + 2 * ratio, y)
      }
    }
  }
}

/** ! in a diamond. */
export const adverseLane = (days: readonly CourseDay[]): Draw => (chart, ink, ratio) => {
  const { ctx, bbox } = chart
  const y = bbox.top + bbox.height / 2
  for (const day of days) {
    const x = chart.valToPos(day.x, 'x', true)
    const size = 9 * ratio
    ctx.fillStyle = ink('alarm')
    ctx.beginPath()
    ctx.moveTo(x, y - size)
    ctx.lineTo(x + size, y)
    ctx.lineTo(x, y + size)
    ctx.lineTo(x - size, y)
    ctx.fill()
    ctx.fillStyle = ink('alarm-text')
    ctx.font = font(ratio, 700, 11)
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    ctx.fillText('!', x, y)
  }
}

/** Where an outcome lies when it has changed enough to matter: from `edge` to the good end. */
export const areaBand = (edge: number, end: number): Draw => (chart, ink, ratio) => clip(chart, (ctx) => {
  const a = chart.valToPos(edge, 'y', true)
  const b = chart.valToPos(end, 'y', true)
  ctx.fillStyle = ink('good-soft')
  ctx.fillRect(chart.bbox.left, Math.min(a, b), chart.bbox.width, Math.abs(a - b))
  ctx.strokeStyle = ink('good')
  ctx.lineWidth = 1.5 * ratio
  ctx.setLineDash([6 * ratio, 4 * ratio])
  ctx.beginPath()
  ctx.moveTo(chart.bbox.left, a)
  ctx.lineTo(chart.bbox.left + chart.bbox.width, a)
  ctx.stroke()
  ctx.setLineDash([])
})
