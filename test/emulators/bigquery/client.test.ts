import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BigQuery } from '@google-cloud/bigquery'
import { OAuth2Client } from 'google-auth-library'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type BigqueryAddress, bigqueryClient, bigqueryStatements } from './emulator.ts'

const given = inject('bigquery')

function open(address: BigqueryAddress, more: { readonly location?: string } = {}): BigQuery {
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: address.token, expiry_date: Date.now() + 3_600_000 })
  return new BigQuery({
    projectId: address.project,
    apiEndpoint: address.apiEndpoint,
    authClient,
    retryOptions: { autoRetry: true, maxRetries: 3, retryDelayMultiplier: 0.01, maxRetryDelay: 0.01 },
    ...more,
  })
}

async function refusal(work: Promise<unknown>): Promise<{ code: unknown; reason: unknown; message: string }> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const errors = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
    const first: unknown = errors[0]
    const reason = typeof first === 'object' && first !== null && 'reason' in first ? first.reason : undefined
    return { code: 'code' in error ? error.code : undefined, reason, message: error.message }
  }
  throw new Error('it was not refused')
}

describe.skipIf('missing' in given)('the BigQuery client on the emulator', () => {
  const address = 'missing' in given ? { apiEndpoint: '', project: '', token: '' } : given
  const client = bigqueryClient(address)
  const bigquery = open(client.address)
  const folder = mkdtempSync(join(tmpdir(), 'personas-bigquery-'))
  const name = `client_${process.pid}`
  const dataset = bigquery.dataset(name)
  const rows = async (query: string): Promise<unknown> => (await bigquery.query(query))[0]

  beforeAll(async () => {
    await bigquery.createDataset(name)
    await dataset.createTable('tracks', {
      schema: [
        { name: 'id', type: 'STRING' },
        { name: 'ts', type: 'TIMESTAMP' },
        { name: 'revenue', type: 'FLOAT' },
        { name: 'amount', type: 'NUMERIC' },
        { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      ],
    })
  })
  afterAll(async () => {
    await dataset.delete({ force: true })
    rmSync(folder, { recursive: true })
  })

  test('tells what is there and what is not', async () => {
    expect(await dataset.exists()).toEqual([true])
    expect(await bigquery.dataset('nowhere').exists()).toEqual([false])
    expect(await dataset.table('tracks').exists()).toEqual([true])
    expect(await dataset.table('nope').exists()).toEqual([false])
    expect(await refusal(dataset.createTable('tracks', { schema: 'a:string' }))).toMatchObject({
      code: 409,
      reason: 'duplicate',
    })
    const [tables] = await dataset.getTables()
    expect(tables.map(({ id }) => id)).toEqual(['tracks'])
  })

  test('streams rows in, all or none', async () => {
    await dataset.createTable('streamed', { schema: [{ name: 'id', type: 'STRING' }] })
    await dataset.table('streamed').insert([{ id: "it's \\ é" }])
    await expect(
      dataset.table('streamed').insert([{ id: '2' }, { id: '3', bogus: 1 }]),
    ).rejects.toMatchObject({
      name: 'PartialFailureError',
      errors: [{ row: { id: '3' }, errors: [{ message: 'No such field: bogus.' }] }, { row: { id: '2' } }],
    })
    const [rows] = await dataset.table('streamed').getRows()
    expect(rows).toEqual([{ id: "it's \\ é" }])
  })

  test('loads files, pages through the rows and reads every type', async () => {
    const file = join(folder, 'rows.ndjson')
    const lines = Array.from({ length: 2001 }, (_, index) =>
      JSON.stringify({
        id: `L${index}`,
        ts: new Date(Date.UTC(2026, 9, 1) + index * 3_600_000).toISOString(),
        revenue: index / 2,
      }),
    )
    writeFileSync(file, lines.join('\n'))
    const [job] = await dataset.table('tracks').load(file, { sourceFormat: 'NEWLINE_DELIMITED_JSON' })
    expect(job.statistics?.load?.outputRows).toBe('2001')
    await client.pageRows(700)
    const [rows] = await bigquery.query(`select id, ts, revenue from ${name}.tracks`)
    expect(rows).toHaveLength(2001)
    let streamed = 0
    for await (const _ of bigquery.createQueryStream(`select id from ${name}.tracks`)) streamed += 1
    expect(streamed).toBe(2001)
    await client.pageRows(1000)

    writeFileSync(file, '{"id":"x","nofield":1}')
    expect(
      (await refusal(dataset.table('tracks').load(file, { sourceFormat: 'NEWLINE_DELIMITED_JSON' }))).message,
    ).toContain('No such field: nofield')
    writeFileSync(file, 'a,"b ""c"""\n,""\n')
    const schema = {
      fields: [
        { name: 'x', type: 'STRING' },
        { name: 'y', type: 'STRING' },
      ],
    }
    await dataset.table('csv').load(file, { sourceFormat: 'CSV', schema, writeDisposition: 'WRITE_TRUNCATE' })
    const [csv] = await bigquery.query(`select x, y from ${name}.csv order by x nulls last`)
    expect(csv).toEqual([
      { x: 'a', y: 'b "c"' },
      { x: null, y: '' },
    ])
  })

  test('reads values of all types', async () => {
    const [rows] = await bigquery.query({
      query:
        "select 9007199254740993 as i, cast('1.5' as numeric) as n, b'ab' as b, struct(1 as a, [1, 2] as l) as s, " +
        "json '{\"k\":1}' as j, date '2026-01-02' as d, timestamp '2026-01-02 03:04:05.678901Z' as t, " +
        "datetime '2026-01-02 03:04:05' as dt, time '03:04:05' as tm, true as yes, cast(null as string) as nothing",
      wrapIntegers: true,
    })
    expect(JSON.parse(JSON.stringify(rows))).toEqual([
      {
        i: { type: 'BigQueryInt', value: '9007199254740993' },
        n: '1.5',
        b: { type: 'Buffer', data: [97, 98] },
        s: {
          a: { type: 'BigQueryInt', value: '1' },
          l: [
            { type: 'BigQueryInt', value: '1' },
            { type: 'BigQueryInt', value: '2' },
          ],
        },
        j: '{"k":1}',
        d: { value: '2026-01-02' },
        t: { value: '2026-01-02T03:04:05.678901000Z' },
        dt: { value: '2026-01-02T03:04:05' },
        tm: { value: '03:04:05' },
        yes: true,
        nothing: null,
      },
    ])
  })

  test('takes parameters by name and by place', async () => {
    const [named] = await bigquery.query({
      query:
        'select count(*) as n from unnest(@ids) as id where id != @not and @when > timestamp "2026-01-01"',
      params: { ids: ['a', 'b', 'c'], not: 'b', when: new Date('2026-10-02T00:00:00Z') },
      types: { ids: ['STRING'], not: 'STRING', when: 'TIMESTAMP' },
    })
    expect(named).toEqual([{ n: 2 }])
    const [placed] = await bigquery.query({ query: 'select ? + ? as sum', params: [1, 2] })
    expect(placed).toEqual([{ sum: 3 }])
  })

  test('runs jobs with labels, and tells what they did', async () => {
    const table = `\`${address.project}\`.\`${name}\`.\`out\``
    await bigquery.query(
      `create or replace table ${table} cluster by id as select 'a' as id, 1 as n union all select 'b', 2`,
    )
    const [job] = await bigquery.createQueryJob({
      query: `merge ${table} as t using (select 'a' as id, -1 as n union all select 'c', 0) as s on t.id = s.id when matched then update set n = s.n when not matched then insert row`,
      labels: { node: 'trait', run: 'run_1' },
    })
    await job.getQueryResults()
    const [metadata] = await job.getMetadata()
    expect(metadata).toMatchObject({
      configuration: { labels: { node: 'trait', run: 'run_1' } },
      status: { state: 'DONE' },
      statistics: {
        query: {
          statementType: 'MERGE',
          numDmlAffectedRows: '2',
          dmlStats: { updatedRowCount: '1', insertedRowCount: '1' },
        },
      },
    })
    expect(await client.jobs()).toContainEqual(expect.objectContaining({ id: metadata.id }))
    expect(await refusal(bigquery.createQueryJob({ query: 'select 1', jobId: job.id ?? '' }))).toMatchObject({
      code: 409,
      reason: 'duplicate',
    })
  })

  test('dry runs say what would be read', async () => {
    const [job] = await bigquery.createQueryJob({ query: `select id from ${name}.tracks`, dryRun: true })
    expect(Number(job.metadata.statistics?.totalBytesProcessed)).toBeGreaterThan(10_000)
    expect(
      await refusal(bigquery.createQueryJob({ query: `select idd from ${name}.tracks`, dryRun: true })),
    ).toEqual({
      code: 400,
      reason: 'invalidQuery',
      message: 'Unrecognized name: idd; Did you mean id? at [1:8]',
    })
    expect(
      await refusal(bigquery.query({ query: `select id from ${name}.tracks`, maximumBytesBilled: '1000' })),
    ).toMatchObject({
      code: 400,
      reason: 'bytesBilledLimitExceeded',
    })
  })

  test('refuses as BigQuery does', async () => {
    expect(await refusal(bigquery.query(`select * from ${name}.tracks where revenue = 'a'`))).toMatchObject({
      code: 400,
      reason: 'invalidQuery',
    })
    expect(await refusal(bigquery.query(`select * from ${name}.nope`))).toMatchObject({
      code: 404,
      reason: 'notFound',
    })
    expect(await refusal(open({ ...client.address, token: 'wrong' }).query('select 1'))).toMatchObject({
      code: 401,
    })
    const elsewhere = bigquery.query({ query: `select id from ${name}.tracks`, location: 'EU' })
    expect(await refusal(elsewhere)).toMatchObject({ code: 404, reason: 'notFound' })
    await client.deny(['bigquery.jobs.create'])
    expect(await refusal(bigquery.query('select 1'))).toMatchObject({ code: 403, reason: 'accessDenied' })
    await client.deny(['bigquery.tables.getData', 'bigquery.tables.create', 'bigquery.datasets.create'])
    expect(await refusal(bigquery.query(`select id from ${name}.tracks`))).toMatchObject({ code: 403 })
    expect((await refusal(bigquery.query(`create table ${name}.denied (x int64)`))).message).toBe(
      `Access Denied: Dataset ${address.project}:${name}: Permission bigquery.tables.create denied on dataset ${address.project}:${name} (or it may not exist).`,
    )
    expect(await refusal(bigquery.query(`create schema if not exists ${name}`))).toMatchObject({ code: 403 })
    await client.deny([])
  })

  test('retries what may be retried', async () => {
    await client.faults([{ kind: 'answer', status: 503, reason: 'backendError', times: 2 }])
    expect(await rows('select 1 as x')).toEqual([{ x: 1 }])
    await client.faults([{ kind: 'answer', status: 400, reason: 'rateLimitExceeded' }])
    expect(await rows('select 1 as x')).toEqual([{ x: 1 }])
    await client.faults([{ kind: 'reset' }])
    expect(await rows('select 1 as x')).toEqual([{ x: 1 }])
    await client.faults([{ kind: 'reset', after: true }])
    expect(await rows('select 1 as x')).toEqual([{ x: 1 }])
    await client.faults([{ kind: 'job', reason: 'backendError', on: 'broken' }])
    expect(await refusal(bigquery.query('select 1 as broken'))).toMatchObject({ code: 503 })
  })

  test('cancels a job that runs', async () => {
    await client.faults([{ kind: 'delay', millis: 60_000, on: 'slow' }])
    const [job] = await bigquery.createQueryJob({ query: 'select 1 as slow' })
    await job.cancel()
    expect(await refusal(job.getQueryResults())).toMatchObject({
      message: expect.stringContaining('cancelled'),
    })
  })

  test('runs scripts as one, and undoes a transaction that fails', async () => {
    await bigquery.query(`create or replace table ${name}.held (id string)`)
    const failing = `begin transaction;\ninsert into ${name}.held (id) values ('a');\nselect nope from ${name}.held;\ncommit transaction;`
    expect((await refusal(bigquery.query(failing))).message).toBe('Unrecognized name: nope at [3:8]')
    expect(await rows(`select id from ${name}.held`)).toEqual([])
    const whole = `begin transaction; insert into ${name}.held (id) values ('a'); commit transaction; select id from ${name}.held`
    expect(await rows(whole)).toEqual([{ id: 'a' }])
  })

  test('runs a statement once where the connection is lost after it', async () => {
    await bigquery.query(`create or replace table ${name}.once (id string)`)
    await client.faults([{ kind: 'reset', after: true, on: 'POST .*/queries' }])
    await bigquery.query(`insert into ${name}.once (id) values ('a')`)
    expect(await rows(`select count(*) as n from ${name}.once`)).toEqual([{ n: 1 }])
  })

  test('finds the location by the tables that are read', async () => {
    const there = bigquery.dataset(`${name}_eu`)
    await there.create({ location: 'EU' })
    await bigquery.query(`create table ${name}_eu.t as select 1 as x`)
    const [job] = await bigquery.createQueryJob(`select x from ${name}_eu.t`)
    expect((await job.getQueryResults())[0]).toEqual([{ x: 1 }])
    expect((await job.getMetadata())[0].jobReference.location).toBe('EU')
    expect(
      await refusal(bigquery.query(`select * from ${name}_eu.t cross join ${name}.tracks`)),
    ).toMatchObject({
      code: 404,
      reason: 'notFound',
    })
    expect(await refusal(bigquery.job(job.id ?? '', { location: 'asia-east1' }).getMetadata())).toMatchObject(
      { code: 404 },
    )
    await there.delete({ force: true })
  })

  test('keeps a session over several jobs', async () => {
    const [first] = await bigquery.createQueryJob({
      query: 'create temp table kept as select 7 as x',
      createSession: true,
    })
    await first.getQueryResults()
    const value = String(
      first.metadata.statistics?.sessionInfo?.sessionId ??
        (await first.getMetadata())[0].statistics.sessionInfo.sessionId,
    )
    const connectionProperties = [{ key: 'session_id', value }]
    const [second] = await bigquery.createQueryJob({ query: 'select x from kept', connectionProperties })
    expect((await second.getQueryResults())[0]).toEqual([{ x: 7 }])
    expect(await refusal(bigquery.query('select x from kept'))).toMatchObject({ code: 400 })
  })

  test('lists the statements of a script as jobs of their own', async () => {
    const [script] = await bigquery.createQueryJob('select 1 as x; select 2 as y')
    expect((await script.getQueryResults())[0]).toEqual([{ y: 2 }])
    const [children] = await bigquery.getJobs({ parentJobId: script.id ?? '' })
    const found = await Promise.all(children.map(async (child) => (await child.getQueryResults())[0]))
    expect(found).toEqual(expect.arrayContaining([[{ x: 1 }], [{ y: 2 }]]))
  })

  test('takes uploads in pieces', async () => {
    const upload = `${client.address.apiEndpoint}/upload/bigquery/v2/projects/${client.address.project}/jobs?uploadType=resumable`
    const headers = { authorization: `Bearer ${client.address.token}` }
    const load = {
      destinationTable: { projectId: client.address.project, datasetId: name, tableId: 'pieces' },
      sourceFormat: 'NEWLINE_DELIMITED_JSON',
      schema: { fields: [{ name: 'x', type: 'INTEGER' }] },
    }
    const begun = await fetch(upload, {
      method: 'POST',
      headers,
      body: JSON.stringify({ configuration: { load } }),
    })
    const to = begun.headers.get('location') ?? ''
    const data = '{"x":1}\n{"x":2}\n'
    const send = (from: number, end: number): Promise<Response> =>
      fetch(to, {
        method: 'PUT',
        headers: { ...headers, 'content-range': `bytes ${from}-${end - 1}/${data.length}` },
        body: data.slice(from, end),
        redirect: 'manual',
      })
    expect((await send(0, 5)).status).toBe(308)
    expect((await send(5, data.length)).status).toBe(200)
    expect(await rows(`select sum(x) as sum from ${name}.pieces`)).toEqual([{ sum: 3 }])
  })

  test('leaves rows alone that were streamed in a moment ago', async () => {
    await dataset.createTable('fresh', { schema: [{ name: 'id', type: 'STRING' }] })
    await dataset.table('fresh').insert([{ id: 'a' }])
    expect((await refusal(bigquery.query(`delete from ${name}.fresh where true`))).message).toContain(
      'streaming buffer',
    )
  })

  test('counts what it was asked', async () => {
    const counts = await bigqueryStatements(address)
    expect(Number(counts.statements)).toBeGreaterThan(20)
    expect(Number(counts.analyzed)).toBeGreaterThan(10)
  })
})
