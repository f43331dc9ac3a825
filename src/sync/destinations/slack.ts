import { z } from 'zod'
import { DeliveryError, destinationType } from '../destination.ts'
import { request } from '../http.ts'
import { countsText, digestSession } from './digest.ts'

const settings = z
  .strictObject({
    webhook_url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .optional()
      .describe('an incoming webhook'),
    token: z.string().min(1).optional().describe('of a bot with `chat:write`, instead of the webhook'),
    channel: z.string().min(1).optional().describe('where the bot writes'),
    api_url: z.url().default('https://slack.com/api').describe('address of the API'),
    examples: z.boolean().default(false).describe('show fields of some who came'),
  })
  .refine(
    ({ webhook_url: url, token, channel }) =>
      (url === undefined) !== (token === undefined || channel === undefined),
    {
      error: 'give either `webhook_url`, or `token` and `channel`',
    },
  )
type Settings = z.output<typeof settings>

/** One message for each sync: how many came, changed and left. */
export const slack = destinationType<Settings>({
  type: 'slack',
  summary: 'a message to a Slack channel for each sync that changed something',
  settings,
  secrets: ['webhook_url', 'token'],
  takes: 'What is shown of examples.',
  example: { token: "{{ env_var 'SLACK_TOKEN' }}", channel: '#growth' },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 10_000,
    concurrency: 1,
    repeated: 'harmful',
    visible: 'finish',
  }),
  async check(own) {
    if (own.token === undefined) return
    await call(own, 'auth.test', {})
  },
  async open(own, { sync }) {
    return digestSession(async (counts) => {
      const lines = own.examples ? counts.examples.map((example) => `\n• ${escaped(example)}`) : []
      const text = `*${escaped(sync)}*: ${countsText(counts)}${lines.join('')}`
      if (own.webhook_url !== undefined) {
        const body = JSON.stringify({ text })
        await request(own.webhook_url, { body, headers: { 'content-type': 'application/json' } })
      } else await call(own, 'chat.postMessage', { channel: own.channel, text })
    })
  },
})

/** Slack answers 200 whatever happened. */
async function call(own: Settings, method: string, body: object): Promise<void> {
  const { text } = await request(`${own.api_url}/${method}`, {
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      authorization: `Bearer ${own.token ?? ''}`,
    },
  })
  const answer = z.object({ ok: z.boolean(), error: z.string().optional() }).safeParse(JSON.parse(text))
  if (answer.data?.ok === true) return
  throw new DeliveryError('fatal', 'Slack', answer.data?.error ?? 'an answer without `ok`')
}

/** The three characters that mean something in a message. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
