import { z } from 'zod'
import { type Change, DeliveryError, destinationType, type RowResult } from '../../destination.ts'
import { request } from '../../http.ts'
import { type Call, callsOf } from './calls.ts'

const settings = z.strictObject({
  write_key: z.string().min(1).describe('write key of the source'),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .default('https://api.segment.io/v1/batch')
    .describe('the endpoint: of Segment, RudderStack, Jitsu'),
  identify: z.boolean().default(true).describe('send identify calls'),
  track: z.boolean().default(true).describe('send track calls'),
  enter_event: z.string().min(1).default('Audience Entered').describe('event of who enters an audience'),
  exit_event: z.string().min(1).default('Audience Exited').describe('event of who leaves it'),
  trait_event: z.string().min(1).default('Trait Computed').describe('event of a trait that changed'),
  integrations: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('which of Segment’s destinations get the calls'),
})
type Settings = z.output<typeof settings>

/** What the endpoint takes: in one call, and in one request. */
const callBytes = 32_000
const requestBytes = 500_000

/** Segment, RudderStack, Jitsu: whoever takes `/v1/batch`. */
export const segment = destinationType<Settings>({
  type: 'segment',
  summary: 'identify, track and group calls to a Segment-compatible endpoint',
  settings,
  secrets: ['write_key'],
  takes:
    '`ids`: identifiers by type, one or a list of each; `traits`: what rides along; `columns`: of rows of members.',
  example: { write_key: "{{ env_var 'SEGMENT_KEY' }}" },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 100,
    batchBytes: 200_000,
    concurrency: 4,
    // The message id stays the same.
    repeated: 'keyed',
    visible: 'batch',
  }),
  async check(own) {
    await send(own, [])
  },
  async open(own, context) {
    if (context.about.kind === 'rows' && !own.track) {
      const message = 'rows of members are told of in track calls, which `track: false` turns off'
      throw new DeliveryError('fatal', 'nothing to send', message)
    }
    return {
      async write(changes) {
        const results: RowResult[] = []
        let waiting: Call[] = []
        let bytes = 0
        const flush = async (): Promise<void> => {
          if (waiting.length > 0) await send(own, waiting)
          waiting = []
          bytes = 0
        }
        for (const change of changes) {
          const calls = callsOf(change, context, own)
          const sizes = calls.map((call) => Buffer.byteLength(JSON.stringify(call)))
          const largest = Math.max(0, ...sizes)
          results.push(largest > callBytes ? tooLarge(change, largest) : { ok: true })
          if (largest > callBytes) continue
          for (const [index, call] of calls.entries()) {
            const size = (sizes[index] ?? 0) + 1
            if (bytes + size > requestBytes - 1_000) await flush()
            waiting.push(call)
            bytes += size
          }
        }
        await flush()
        return results
      },
      async close() {},
    }
  },
})

function tooLarge(_: Change, bytes: number): RowResult {
  return {
    ok: false,
    reason: 'too large',
    message: `a call of ${bytes} bytes; the endpoint takes ${callBytes}`,
    retryable: false,
  }
}

async function send({ url, write_key: key, integrations }: Settings, batch: readonly Call[]): Promise<void> {
  await request(url, {
    body: JSON.stringify({ batch, ...(integrations !== undefined && { integrations }) }),
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
    },
  })
}
