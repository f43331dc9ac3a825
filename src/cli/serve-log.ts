import type { AnsweredRequest, FailedRequest, ServeLog } from '../serve/http/serve-log.ts'
import type { Output } from './output.ts'

/** How long a line may wait for others: under load, hundreds are one write. */
const waitMs = 20

/** A line for each request, as people or as programs read it; none with --quiet. */
export function openServeLog(output: Output): ServeLog {
  const render = output.json ? asData : asText
  let lines: string[] = []
  const write = (): void => {
    process.stderr.write(lines.join(''))
    lines = []
  }
  return {
    answered(request) {
      if (output.quiet) return
      if (lines.length === 0) setTimeout(write, waitMs)
      lines.push(render(request))
    },
    failed: (request) => reportFailed(request, output),
  }
}

function asData({ requestId, method, route, status, ms, token }: AnsweredRequest): string {
  const line = {
    time: new Date().toISOString(),
    level: 'info',
    event: 'request',
    method,
    route,
    status,
    ms: Number(ms.toFixed(3)),
    token,
    request_id: requestId,
  }
  return `${JSON.stringify(line)}\n`
}

function asText({ requestId, method, route, status, ms, token }: AnsweredRequest): string {
  const time = new Date().toTimeString().slice(0, 8)
  const took = `${ms.toFixed(1)} ms`.padStart(9)
  return `${time}  ${status}  ${took}  ${method} ${route ?? '(no route)'}  ${token ?? '-'}  ${requestId}\n`
}

/** Where it happened, not what the error says: that may hold an identifier. */
function reportFailed({ requestId, route, error }: FailedRequest, output: Output): void {
  const code = 'code' in error ? String(error.code) : undefined
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line))
  const what = code === undefined ? error.name : `${error.name} ${code}`
  output.alarm('error', `error: request ${requestId} of ${route} failed: ${what}\n${frames.join('\n')}`, {
    message: `a request failed: ${what}`,
    route,
    request_id: requestId,
    stack: frames.map((line) => line.trim()),
  })
}
