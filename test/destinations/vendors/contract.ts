import type { Change, SessionContext } from '../../../src/sync/destination.ts'
import type { Answer, Received } from '../loopback.ts'
import { change } from '../opened.ts'

/** A destination over HTTP, and what its contract needs to know of it. */
export interface Http {
  readonly type: string
  settings(url: string): Readonly<Record<string, unknown>>
  readonly context?: Partial<SessionContext>
  /** A change this destination has something to say about. */
  row(key: string, text: string): Change
  /** What its server answers where an empty object would not do. */
  answer?(request: Received): Answer | undefined
  /** Whether a request is the one that carries rows; all are unless given. */
  carries?(request: Received): boolean
  /** How a text of a row is found in what was sent; as JSON unless given. */
  shown?(text: string): string
}

const secret = 's3cret'

export const vendors: readonly Http[] = [
  {
    type: 'hubspot',
    settings: (url) => ({ access_token: secret, api_url: url }),
    row: (key, text) => change('add', key, { email: `${key}@example.com`, firstname: text }),
  },
  {
    type: 'braze',
    settings: (url) => ({ api_key: secret, url }),
    row: (key, text) => change('add', key, { external_id: key, first_name: text }),
  },
  {
    type: 'customerio',
    settings: (url) => ({ site_id: 'site', api_key: secret, api_url: url }),
    row: (key, text) => change('add', key, { id: key, name: text }),
  },
  {
    type: 'klaviyo',
    settings: (url) => ({ api_key: secret, api_url: url, poll_seconds: 0.01 }),
    row: (key, text) => change('add', key, { email: `${key}@example.com`, first_name: text }),
    answer: ({ method }) => ({
      body: { data: { id: 'j1', attributes: { status: method === 'POST' ? 'queued' : 'complete' } } },
    }),
    carries: ({ method }) => method === 'POST',
  },
  {
    type: 'iterable',
    settings: (url) => ({ api_key: secret, api_url: url }),
    row: (key, text) => change('add', key, { email: `${key}@example.com`, name: text }),
  },
  {
    type: 'salesforce',
    settings: (url) => ({
      instance_url: url,
      access_token: secret,
      external_id: 'Key__c',
      poll_seconds: 0.01,
    }),
    row: (key, text) => change('add', key, { Key__c: key, Description: text }),
    answer: ({ method, path }) => {
      if (/Results\/$|records\/$/.test(path)) return { body: '' }
      return { body: method === 'GET' ? { state: 'JobComplete' } : { id: 'j1' } }
    },
    carries: ({ method }) => method === 'PUT',
    shown: (text) => (text === '' ? '#N/A' : /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
  },
  {
    type: 'meta_audience',
    settings: (url) => ({ access_token: secret, audience_id: '77', api_url: url }),
    context: {
      fields: [
        { name: 'email', type: 'text' },
        { name: 'external_id', type: 'text' },
      ],
    },
    row: (key, text) =>
      change(
        'add',
        key,
        { email: `${key}@example.com`, external_id: text },
        {
          idempotencyKey: key,
        },
      ),
  },
  {
    type: 'google_customer_match',
    settings: (url) => ({
      customer_id: '123',
      user_list_id: '42',
      developer_token: secret,
      access_token: secret,
      api_url: url,
    }),
    row: (key, text) => change('add', key, { email: `${key}@example.com`, user_id: text }),
    answer: ({ path }) =>
      path.endsWith(':create')
        ? { body: { resourceName: 'customers/123/offlineUserDataJobs/9' } }
        : undefined,
    carries: ({ path }) => path.endsWith(':addOperations'),
    // Nobody is found by an empty id.
    shown: (text) => (text === '' ? 'hashedEmail' : JSON.stringify(text)),
  },
]
