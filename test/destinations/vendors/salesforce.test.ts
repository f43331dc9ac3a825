import { expect, test } from 'vitest'
import { parseCsv, renderCsv } from '../../../src/sync/destinations/vendors/salesforce/csv.ts'
import type { Answer } from '../loopback.ts'
import { awkward, change, typeOf } from '../opened.ts'
import { type Script, served, signal } from './served.ts'

const salesforce = served('salesforce', (url) => ({
  instance_url: url,
  client_id: 'c',
  client_secret: 's',
  external_id: 'Key__c',
  poll_seconds: 0.01,
}))
const ann = { Key__c: 'p1', LastName: 'O"Hara, Ann', LTV__c: 12.5 }
const bob = { Key__c: 'p2', LastName: 'Bo\nb', LTV__c: null }
const cyd = { Key__c: 'p3', LTV__c: 3 }
const jobs = '/services/data/v62.0/jobs/ingest'

function script(
  end: Record<string, unknown>,
  results: { readonly failed?: string; readonly unprocessed?: string } = {},
): Script {
  const looks: Answer[] = [{ body: { id: '750', state: 'InProgress' } }]
  return [
    ['POST /services/oauth2/token', { body: { access_token: 'session' } }],
    [`POST ${jobs}`, { body: { id: '750', state: 'Open' } }],
    [`PUT ${jobs}/750/batches`, { status: 201, body: '' }],
    [`PATCH ${jobs}/750`, { body: { id: '750', state: 'UploadComplete' } }],
    [`GET ${jobs}/750/failedResults/`, { body: results.failed ?? '' }],
    [`GET ${jobs}/750/unprocessedrecords/`, { body: results.unprocessed ?? '' }],
    [`GET ${jobs}/750`, () => looks.shift() ?? { body: { id: '750', ...end } }],
    [
      'GET /services/data/v62.0/query',
      {
        body: {
          records: [
            { Id: '003A', Key__c: 'p1' },
            { Id: '003B', Key__c: 'P2' },
          ],
        },
      },
    ],
  ]
}

test('a job from its creation to its results', async () => {
  salesforce.says(script({ state: 'JobComplete', numberRecordsFailed: 0 }))
  const changes = [ann, bob, cyd].map((fields) => change('add', fields.Key__c, fields))
  expect(await salesforce.write({}, changes)).toEqual([{ ok: true }, { ok: true }, { ok: true }])
  salesforce.golden('upsert')
})

test('rows that failed or were not come to, found by the external id', async () => {
  salesforce.says(
    script(
      { state: 'JobComplete', numberRecordsFailed: 2 },
      {
        failed:
          '"sf__Id","sf__Error",Key__c,LastName\n' +
          '"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --","p3",""\n' +
          '"003","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access, ""x"":--","p2","Bo\nb"\n',
        unprocessed: 'Key__c,LastName\n"p1","O""Hara, Ann"\n',
      },
    ),
  )
  const changes = [ann, bob, cyd].map((fields) => change('add', fields.Key__c, fields))
  expect(await salesforce.write({}, changes)).toMatchObject([
    { ok: false, reason: 'not processed', retryable: true },
    { ok: false, reason: 'unable to lock row', retryable: true },
    { ok: false, reason: 'required field missing', retryable: false },
  ])
})

test('a job that failed as a whole stops the sync, one that was aborted does not', async () => {
  salesforce.says(script({ state: 'Failed', errorMessage: 'InvalidBatch : Field name not found : LTV__c' }))
  await expect(salesforce.write({}, [change('add', 'p1', ann)])).rejects.toMatchObject({
    kind: 'fatal',
    message: 'InvalidBatch : Field name not found : LTV__c',
  })
  salesforce.says(script({ state: 'Aborted' }))
  await expect(salesforce.write({}, [change('add', 'p1', ann)])).rejects.toMatchObject({ kind: 'retryable' })
})

test('removal goes by ids of those that are there', async () => {
  salesforce.says(script({ state: 'JobComplete', numberRecordsFailed: 0 }))
  const removals = [ann, bob, cyd].map((fields) => change('remove', fields.Key__c, fields))
  expect(await salesforce.write({}, removals)).toEqual([{ ok: true }, { ok: true }, { ok: true }])
  await salesforce.write({ on_remove: 'delete' }, removals.slice(0, 1))
  salesforce.golden('remove')
})

test('a removal that fails is told by the id it went by', async () => {
  const failed = 'sf__Id,sf__Error,Id\n003B,DELETE_FAILED:it is needed:--,003B\n'
  salesforce.says(script({ state: 'JobComplete', numberRecordsFailed: 1 }, { failed }))
  const removals = [ann, bob].map((fields) => change('remove', fields.Key__c, fields))
  expect(await salesforce.write({ on_remove: 'delete' }, removals)).toMatchObject([
    { ok: true },
    { ok: false, reason: 'delete failed' },
  ])
})

test('a session that ran out is renewed once; credentials that are wrong are fatal', async () => {
  let sessions = 0
  salesforce.says([
    [
      'POST /services/oauth2/token',
      () => {
        sessions += 1
        return { body: { access_token: `session${sessions}` } }
      },
    ],
    [
      `POST ${jobs}`,
      ({ headers }) =>
        headers.authorization === 'Bearer session1'
          ? { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID' }] }
          : { body: { id: '750' } },
    ],
    ...script({ state: 'JobComplete', numberRecordsFailed: 0 }).slice(2),
  ])
  expect(await salesforce.write({}, [change('add', 'p1', ann)])).toEqual([{ ok: true }])
  expect(sessions).toBe(2)
  salesforce.says([['POST /services/oauth2/token', { status: 400, body: { error: 'invalid_client' } }]])
  await expect(salesforce.write({}, [change('add', 'p1', ann)])).rejects.toMatchObject({ kind: 'fatal' })
})

test('checking asks whether records can be found by the external id', async () => {
  const { check, settings } = await typeOf('salesforce')
  const own = settings.parse({ instance_url: salesforce.url, access_token: 's', external_id: 'Key__c' })
  salesforce.says([['GET', { body: { fields: [{ name: 'Key__c', externalId: true }] } }]])
  await check(own, signal)
  salesforce.says([['GET', { body: { fields: [{ name: 'Key__c' }] } }]])
  await expect(check(own, signal)).rejects.toMatchObject({ kind: 'fatal', reason: 'external id' })
})

test('either a session or a client', async () => {
  const { settings } = await typeOf('salesforce')
  const own = { instance_url: 'https://x.example', external_id: 'Key__c' }
  expect(settings.safeParse(own).success).toBe(false)
  expect(settings.safeParse({ ...own, client_id: 'c' }).success).toBe(false)
  expect(settings.safeParse({ ...own, access_token: 's', client_id: 'c', client_secret: 's' }).success).toBe(
    false,
  )
  expect(settings.safeParse({ ...own, access_token: 's' }).success).toBe(true)
})

test('CSV is read as it was written', () => {
  const lines = [['a', 'b'], ...awkward.map((text) => [text, 'x'])]
  expect(parseCsv(renderCsv(lines))).toEqual(awkward.map((text) => ({ a: text, b: 'x' })))
  expect(parseCsv('')).toEqual([])
  expect(parseCsv('a,b\r\n1,"2\r\n3"\r\n4,5')).toEqual([
    { a: '1', b: '2\r\n3' },
    { a: '4', b: '5' },
  ])
})
