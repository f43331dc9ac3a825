import { afterEach, beforeEach } from 'vitest'
import type { Change, RowResult, Session, SessionContext } from '../../../src/sync/destination.ts'
import { expectGolden } from '../../support/golden.ts'
import { type Answer, type Loopback, openLoopback, type Received } from '../loopback.ts'
import { opened } from '../opened.ts'

export const signal = new AbortController().signal

/** What a vendor answers, by the beginning of `METHOD /path`; the first that fits. */
export type Script = readonly (readonly [string, Answer | ((request: Received) => Answer)])[]

export interface Served {
  readonly received: readonly Received[]
  readonly url: string
  says(script: Script): void
  session(settings: Readonly<Record<string, unknown>>, context?: Partial<SessionContext>): Promise<Session>
  write(
    settings: Readonly<Record<string, unknown>>,
    changes: readonly Change[],
    context?: Partial<SessionContext>,
  ): Promise<readonly RowResult[]>
  /** Compares all requests with a golden file. */
  golden(name: string): void
}

/** A server of a vendor for each test of a file. */
export function served(type: string, own: (url: string) => Readonly<Record<string, unknown>>): Served {
  let loopback: Loopback
  beforeEach(async () => {
    loopback = await openLoopback()
  })
  afterEach(() => loopback.close())
  const session: Served['session'] = (settings, context) =>
    opened(type, { ...own(loopback.url), ...settings }, context)
  return {
    get received() {
      return loopback.received
    },
    get url() {
      return loopback.url
    },
    says(script) {
      loopback.answer = (request) => {
        const asked = `${request.method} ${request.path}`
        const found = script.find(([start]) => asked.startsWith(start))?.[1]
        return typeof found === 'function' ? found(request) : found
      }
    },
    session,
    async write(settings, changes, context) {
      const opened = await session(settings, context)
      const results = await opened.write(changes, signal)
      await opened.finish?.(signal)
      await opened.close()
      return results
    },
    golden: (name) =>
      expectGolden(`destinations/${type}/${name}.txt`, loopback.received.map(requestText).join('\n')),
  }
}

const unsaid = /^(host|connection|accept-language|sec-fetch-mode|user-agent|accept-encoding|content-length)$/
const secret = /^(authorization|api-key|developer-token)$/

/** A request as a person reads it, without its secrets. */
function requestText({ method, path, headers, body }: Received): string {
  const shown = Object.entries(headers)
    .filter(([name, value]) => !unsaid.test(name) && !(name === 'accept' && value === '*/*'))
    .map(([name, value]) => `${name}: ${secret.test(name) ? masked(String(value)) : value}`)
  const text = body.startsWith('{') || body.startsWith('[') ? JSON.stringify(JSON.parse(body), null, 2) : body
  return [`${method} ${path}`, ...shown.sort(), '', ...(text === '' ? [] : [text.trimEnd(), ''])].join('\n')
}

function masked(value: string): string {
  const blank = value.indexOf(' ')
  return blank < 0 ? '***' : `${value.slice(0, blank)} ***`
}
