import { z } from 'zod'
import { DeliveryError, destinationType } from '../destination.ts'
import { countsText, digestSession } from './digest.ts'
import { driverOf } from './driver.ts'

const settings = z.strictObject({
  url: z
    .string()
    .regex(/^smtps?:\/\//, { error: 'must be smtp://… or smtps://…' })
    .describe('`smtps://user:password@host:465`'),
  from: z.string().min(3).describe('address of the sender'),
  to: z.union([z.string().min(3), z.array(z.string().min(3)).min(1)]).describe('one address or a list'),
  examples: z.boolean().default(false).describe('show fields of some who came'),
  require_tls: z.boolean().default(true).describe('send nothing without encryption'),
})
type Settings = z.output<typeof settings>

/** One letter for each sync: how many came, changed and left. */
export const email = destinationType<Settings>({
  type: 'email',
  summary: 'a letter for each sync that changed something',
  settings,
  secrets: ['url'],
  takes: 'What is shown of examples.',
  example: {
    url: "smtps://cdp:{{ env_var 'SMTP_PASSWORD' }}@mail.example.com",
    from: 'cdp@example.com',
    to: 'team@example.com',
  },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 10_000,
    concurrency: 1,
    repeated: 'harmful',
    visible: 'finish',
  }),
  async check(own) {
    const mailer = await open(own)
    await failing(() => mailer.verify()).finally(() => mailer.close())
  },
  async open(own, { sync, runId }) {
    return digestSession(async (counts) => {
      const mailer = await open(own)
      const examples = own.examples
        ? `\n\n${counts.examples.map((example) => `- ${example}`).join('\n')}`
        : ''
      await failing(() =>
        mailer.sendMail({
          from: own.from,
          to: typeof own.to === 'string' ? own.to : [...own.to],
          subject: `${sync}: ${countsText(counts)}`,
          text: `Sync ${sync}, run ${runId}: ${countsText(counts)}.${examples}\n`,
          messageId: `<${runId}.${sync}@personas>`,
        }),
      ).finally(() => mailer.close())
    })
  },
})

async function open({ url, require_tls: requireTLS }: Settings) {
  const { createTransport } = await driverOf('nodemailer', () => import('nodemailer'))
  return createTransport({
    url,
    requireTLS,
    connectionTimeout: 15_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = 'responseCode' in error ? Number(error.responseCode) : 0
    const auth = 'code' in error && error.code === 'EAUTH'
    const kind = auth ? 'fatal' : code >= 500 ? 'rejected' : 'retryable'
    throw new DeliveryError(kind, 'SMTP', error.message, { cause: error })
  }
}
