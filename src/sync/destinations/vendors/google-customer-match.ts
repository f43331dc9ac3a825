import { z } from 'zod'
import {
  type Change,
  DeliveryError,
  destinationType,
  type FieldValue,
  type RowResult,
} from '../../destination.ts'
import type { HttpAnswer } from '../../http.ts'
import { authorized, fatalIfRejected, fixedLogin, type Login, openLogin } from './oauth.ts'
import { google } from './personal-data.ts'
import {
  baseUrl,
  everyMode,
  isRemoval,
  type Row,
  readJson,
  refused,
  refusedSomewhere,
  sendJson,
  textOf,
  untested,
} from './vendor.ts'

const number = z.string().regex(/^\d+$/, { error: 'must be a number without dashes, as text' })
const consent = z.enum(['GRANTED', 'DENIED', 'UNSPECIFIED']).default('UNSPECIFIED')
const settings = z
  .strictObject({
    customer_id: number.describe('the Google Ads account'),
    login_customer_id: number.optional().describe('the manager account the access is by'),
    user_list_id: number.describe('the Customer Match list'),
    developer_token: z.string().min(1).describe('developer token of the Google Ads API'),
    client_id: z.string().min(1).optional().describe('OAuth client'),
    client_secret: z.string().min(1).optional().describe('its secret'),
    refresh_token: z.string().min(1).optional().describe('refresh token with the scope `adwords`'),
    access_token: z.string().min(1).optional().describe('an access token, instead of the three'),
    ad_user_data: consent.describe('consent to send data to Google for advertising'),
    ad_personalization: consent.describe('consent to personalised advertising'),
    api_version: z
      .string()
      .regex(/^v\d+$/, { error: 'must look like v23' })
      .default('v23')
      .describe('version of the Google Ads API'),
    api_url: baseUrl.default('https://googleads.googleapis.com').describe('address of the API'),
    token_url: baseUrl.default('https://oauth2.googleapis.com/token').describe('where tokens are fetched'),
  })
  .refine(
    ({ access_token: token, client_id: id, client_secret: secret, refresh_token: refresh }) =>
      (token === undefined) === (id !== undefined && secret !== undefined && refresh !== undefined),
    { error: 'give either `access_token`, or `client_id`, `client_secret` and `refresh_token`' },
  )
type Settings = z.output<typeof settings>

const created = z.object({ resourceName: z.string() })
const added = z.object({
  partialFailureError: z
    .object({
      message: z.string().default(''),
      details: z
        .array(
          z.object({
            errors: z
              .array(
                z.object({
                  errorCode: z.record(z.string(), z.string()).default({}),
                  message: z.string().default(''),
                  location: z
                    .object({
                      fieldPathElements: z
                        .array(z.object({ fieldName: z.string(), index: z.coerce.number().optional() }))
                        .default([]),
                    })
                    .optional(),
                }),
              )
              .default([]),
          }),
        )
        .default([]),
    })
    .optional(),
})

/** Offline user data jobs: filled batch by batch, run at the end. Google matches within a day or two, and tells no names. */
export const googleCustomerMatch = destinationType<Settings>({
  type: 'google_customer_match',
  summary: 'members of a Customer Match list in Google Ads',
  note: untested,
  takes:
    '`email`, `phone` (with its country code), `first_name` and `last_name` with `country_code` and `postal_code`, `user_id`. The first four are normalised and hashed, unless they are hashes.',
  settings,
  secrets: ['developer_token', 'client_secret', 'refresh_token', 'access_token'],
  example: {
    customer_id: '1234567890',
    user_list_id: '42',
    developer_token: "{{ env_var 'ADS_DEVELOPER' }}",
    client_id: "{{ env_var 'ADS_CLIENT' }}",
    client_secret: "{{ env_var 'ADS_SECRET' }}",
    refresh_token: "{{ env_var 'ADS_REFRESH' }}",
    ad_user_data: 'GRANTED',
  },
  capabilities: () => ({
    modes: everyMode,
    batchRows: 10_000,
    batchBytes: 8_000_000,
    concurrency: 1,
    repeated: 'harmless',
    visible: 'finish',
  }),
  async check(own) {
    const query = `SELECT user_list.id FROM user_list WHERE user_list.id = ${own.user_list_id}`
    const answer = await ask(own, loginOf(own), `customers/${own.customer_id}/googleAds:search`, { query })
    const { results } = readJson(answer, z.object({ results: z.array(z.unknown()).default([]) }))
    if (results.length === 0)
      throw new DeliveryError('fatal', 'list', `the account has no list ${own.user_list_id}`)
  },
  async open(own) {
    const login = loginOf(own)
    /** One job that adds and one that removes: Google does not say in what order a job does both. */
    const jobs = new Map<'create' | 'remove', string>()
    return {
      async write(changes) {
        const verb = isRemoval(changes) ? 'remove' : 'create'
        const rows: Row[] = []
        const operations: unknown[] = []
        const results = changes.map((change, index): RowResult => {
          const userIdentifiers = identifiersOf(change)
          if (userIdentifiers.length === 0) return refused('no identifier', 'nothing to match anybody by')
          rows.push({ index, id: change.key, change })
          operations.push({ [verb]: { userIdentifiers } })
          return { ok: true }
        })
        if (rows.length === 0) return results
        const job = jobs.get(verb) ?? (await fatalIfRejected(() => createJob(own, login)))
        jobs.set(verb, job)
        const answer = await ask(own, login, `${job}:addOperations`, {
          operations,
          enablePartialFailure: true,
        })
        const { partialFailureError: failure } = readJson(answer, added)
        if (failure === undefined) return results
        const errors = failure.details.flatMap((detail) => detail.errors)
        for (const { errorCode, message, location } of errors) {
          const at = location?.fieldPathElements.find(({ fieldName }) => fieldName === 'operations')?.index
          const row = at === undefined ? undefined : rows[at]
          const reason = Object.values(errorCode)[0]?.toLowerCase().replaceAll('_', ' ') ?? 'refused'
          if (row === undefined) refusedSomewhere({ rows, results }, reason, message)
          else results[row.index] = refused(reason, message, errorCode.databaseError !== undefined)
        }
        if (errors.length === 0) refusedSomewhere({ rows, results }, 'refused', failure.message)
        return results
      },
      async finish() {
        for (const verb of ['create', 'remove'] as const) {
          const job = jobs.get(verb)
          if (job !== undefined) await ask(own, login, `${job}:run`, {})
        }
      },
      async close() {},
    }
  },
})

async function createJob(own: Settings, login: Login): Promise<string> {
  const account = `customers/${own.customer_id}`
  const answer = await ask(own, login, `${account}/offlineUserDataJobs:create`, {
    job: {
      type: 'CUSTOMER_MATCH_USER_LIST',
      customerMatchUserListMetadata: {
        userList: `${account}/userLists/${own.user_list_id}`,
        consent: { adUserData: own.ad_user_data, adPersonalization: own.ad_personalization },
      },
    },
  })
  const { resourceName } = readJson(answer, created)
  if (/^customers\/\d+\/offlineUserDataJobs\/\d+$/.test(resourceName)) return resourceName
  throw new DeliveryError('retryable', 'unexpected answer', 'the name of the job is none')
}

function identifiersOf({ fields }: Change): readonly unknown[] {
  const found: unknown[] = []
  for (const email of texts(fields.email)) found.push({ hashedEmail: google.email(email) })
  for (const phone of texts(fields.phone)) found.push({ hashedPhoneNumber: google.phone(phone) })
  const [first] = texts(fields.first_name)
  const [last] = texts(fields.last_name)
  const [country] = texts(fields.country_code)
  const [postal] = texts(fields.postal_code)
  // An address counts only whole.
  if (first !== undefined && last !== undefined && country !== undefined && postal !== undefined)
    found.push({
      addressInfo: {
        hashedFirstName: google.name(first),
        hashedLastName: google.name(last),
        countryCode: country.toUpperCase(),
        postalCode: postal,
      },
    })
  for (const id of texts(fields.user_id)) found.push({ thirdPartyUserId: id })
  return found
}

function texts(value: FieldValue | undefined): readonly string[] {
  const all: readonly FieldValue[] = Array.isArray(value) ? value : [value ?? null]
  return all.map((each) => textOf(each).trim()).filter((each) => each !== '')
}

function loginOf(own: Settings): Login {
  const {
    access_token: token,
    client_id: id = '',
    client_secret: secret = '',
    refresh_token: refresh = '',
  } = own
  if (token !== undefined) return fixedLogin({ access_token: token })
  return openLogin(own.token_url, {
    grant_type: 'refresh_token',
    client_id: id,
    client_secret: secret,
    refresh_token: refresh,
  })
}

function ask(own: Settings, login: Login, path: string, json: unknown): Promise<HttpAnswer> {
  return authorized(login, (grant) =>
    sendJson(`${own.api_url}/${own.api_version}/${path}`, {
      json,
      headers: {
        authorization: `Bearer ${grant.access_token}`,
        'developer-token': own.developer_token,
        ...(own.login_customer_id !== undefined && { 'login-customer-id': own.login_customer_id }),
      },
      timeoutMs: 120_000,
    }),
  )
}
