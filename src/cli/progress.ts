import { createColors } from 'picocolors'
import type { NodeEvent, NodeResult } from '../runner/node-result.ts'
import type { Output } from './output.ts'

export interface Progress {
  report(event: NodeEvent): void
  /** Takes away what only makes sense while nodes run. */
  end(): void
}

/** @param total nodes that will run, known once the run has begun */
export async function openProgress(output: Output, total: () => number): Promise<Progress> {
  if (output.quiet) return { report: () => {}, end: () => {} }
  if (output.json) return { report: (event) => reportAsData(output, event), end: () => {} }
  return output.live ? openLive(output, total) : openLines(output, total)
}

function reportAsData(output: Output, event: NodeEvent): void {
  switch (event.kind) {
    case 'started':
      output.log('node_started', `${event.nodeId} started`, { node: event.nodeId })
      break
    case 'round':
      output.log('round', `${event.nodeId} ${event.step} round ${event.round}`, {
        node: event.nodeId,
        step: event.step,
        round: event.round,
        remaining: event.remaining,
      })
      break
    case 'ended': {
      const { nodeId, status, seconds, rows, message } = event.result
      output.log('node_ended', message ?? `${nodeId} ${status}`, { node: nodeId, status, seconds, rows })
      break
    }
  }
}

const words: Readonly<Record<NodeResult['status'], string>> = {
  success: 'OK',
  error: 'ERROR',
  skipped: 'SKIP',
  cancelled: 'STOP',
}

/** One line for a node that ended: `12:00:01  OK     trait.orders_90d   1,203 rows   0.12 s   3/20`. */
function renderNodeLine(result: NodeResult, counted: string, color: boolean, time: string): string {
  const paint = createColors(color)
  const accent = { success: paint.green, error: paint.red, skipped: paint.yellow, cancelled: paint.yellow }
  const rows =
    result.rows === undefined
      ? ''
      : `${result.rows.toLocaleString('en')} ${result.rows === 1 ? 'row' : 'rows'}`
  const seconds = result.startedAt === undefined ? '' : `${result.seconds.toFixed(2)} s`
  const why = result.status === 'success' ? '' : `  ${result.message ?? ''}`
  return [
    paint.dim(time),
    accent[result.status](words[result.status].padEnd(5)),
    result.nodeId.padEnd(36),
    rows.padStart(14),
    seconds.padStart(9),
    paint.dim(counted) + why,
  ].join('  ')
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8)
}

function openLines(output: Output, total: () => number): Progress {
  let ended = 0
  return {
    report(event) {
      if (event.kind !== 'ended') return
      ended += 1
      const line = renderNodeLine(event.result, `${ended}/${total()}`, output.color.err, clock())
      output.log('node_ended', line)
    },
    end() {},
  }
}

/** Nodes that ended scroll up; those that run stand below with their time and round. */
async function openLive(output: Output, total: () => number): Promise<Progress> {
  const { createLogUpdate } = await import('log-update')
  const view = createLogUpdate(process.stderr)
  const paint = createColors(output.color.err)
  const running = new Map<string, { readonly since: number; note: string }>()
  let ended = 0
  const draw = (): void => {
    const lines = [...running].map(([nodeId, { since, note }]) => {
      const seconds = ((performance.now() - since) / 1000).toFixed(1)
      return `${paint.dim('running ')}  ${paint.cyan('…'.padEnd(5))}  ${nodeId.padEnd(36)}  ${note.padStart(14)}  ${`${seconds} s`.padStart(9)}`
    })
    view(lines.join('\n'))
  }
  const timer = setInterval(draw, 100)
  return {
    report(event) {
      if (event.kind === 'started') running.set(event.nodeId, { since: performance.now(), note: '' })
      if (event.kind === 'round') {
        const entry = running.get(event.nodeId)
        if (entry) entry.note = `round ${event.round}`
      }
      if (event.kind === 'ended') {
        ended += 1
        running.delete(event.result.nodeId)
        view.clear()
        const line = renderNodeLine(event.result, `${ended}/${total()}`, output.color.err, clock())
        process.stderr.write(`${line}\n`)
      }
      draw()
    },
    end() {
      clearInterval(timer)
      view.clear()
      view.done()
    },
  }
}
