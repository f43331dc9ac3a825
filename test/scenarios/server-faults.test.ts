import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import type { PostgresTarget } from '../../src/config/config.ts'
import { type ServerOfItsOwn, serverOfItsOwn } from '../support/postgres-binaries.ts'
import { type Outcome, openDatabase, openPostgresProject, published } from '../support/postgres-project.ts'

/* What goes wrong on a PostgreSQL server of the test's own, and how the run that was in its way is gone on from. */

const asOf = '2026-06-02T00:00:00.000Z'
/** With a row in `web.gate` this node takes too long, or too much. */
const project = openPostgresProject({
  'models/slow.sql':
    "select case when exists (select from web.gate where what = 'slow') then cast(pg_sleep(60) as text) end as n",
  'models/large.sql':
    "select repeat(md5(cast(x as text)), 20) as n from generate_series(1, (select case when exists (select from web.gate where what = 'large') then 100000 else 1 end)) as x",
  'models/sorted.sql':
    "select x as n from generate_series(1, (select case when exists (select from web.gate where what = 'sorted') then 1500000 else 1 end)) as x order by md5(cast(x as text))",
})
let server: ServerOfItsOwn
let before: string
let undisturbed: string
let databases = 0

beforeAll(async () => {
  // WAL files have 16 MB.
  server = await serverOfItsOwn({ fileBlocks: 20 * 2048 })
  const admin = await openDatabase(server.url, 'postgres')
  await admin.execute('create database base')
  const base = await openDatabase(server.url, 'base')
  await project.fill(base, 'first')
  await base.execute('create table web.gate (what text)')
  expect((await project.run(base)).record.status).toBe('success')
  await project.fill(base, 'second')
  before = await published(base)
  await base.close()
  undisturbed = await onCopy({}, async ({ adapter }) => {
    expect((await project.run(adapter, { asOf })).record.status).toBe('success')
    return await published(adapter)
  })
  await admin.close()
})
afterAll(async () => {
  await server?.stop()
  project.close()
})

interface Copy {
  readonly name: string
  readonly adapter: Adapter
  /** Somebody else on the same database. */
  readonly other: pg.Client
}

async function onCopy<T>(settings: Partial<PostgresTarget>, use: (copy: Copy) => Promise<T>): Promise<T> {
  databases += 1
  const name = `copy_${databases}`
  const admin = await openDatabase(server.url, 'postgres')
  await admin.execute(`create database ${name} template base`)
  await admin.close()
  const adapter = await openDatabase(server.url, name, settings)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const other = new pg.Client({ connectionString: url.href, application_name: 'somebody' })
  other.on('error', () => undefined)
  await other.connect()
  try {
    return await use({ name, adapter, other })
  } finally {
    await other.end()
    await adapter.close()
  }
}

async function until(question: () => Promise<boolean>): Promise<void> {
  for (let left = 400; left > 0; left -= 1) {
    if (await question()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('it did not come to that')
}

const sleeps =
  "select pid from pg_stat_activity where datname = current_database() and query like '/* %node=model.slow%' and state = 'active'"

/** A run in the middle of its slow node, after which nothing is in its way. */
async function inTheMiddle({ adapter, other }: Copy, act: (pid: number) => Promise<void>): Promise<Outcome> {
  await other.query("insert into web.gate values ('slow')")
  const running = project.run(adapter, { asOf })
  let pid = 0
  await until(async () => {
    pid = (await other.query(sleeps)).rows[0]?.pid ?? 0
    return pid !== 0
  })
  await act(pid)
  const outcome = await running
  return outcome
}

/** That it failed for this reason at this node, that nothing was published, and that retry and run both come to the same. */
async function expectMended(
  copy: Copy,
  { record, results, problems }: Outcome,
  wanted: { readonly node: string; readonly message: RegExp; readonly hint: RegExp },
  how: 'retry' | 'run' = 'retry',
): Promise<void> {
  const { adapter } = copy
  expect(record.status).toBe('error')
  const found = problems.find(({ message }) => message.startsWith(`\`${wanted.node}\` failed`))
  expect([found?.code, found?.message]).toEqual(['PSN5001', expect.stringMatching(wanted.message)])
  expect(found?.hint).toMatch(wanted.hint)
  expect(found?.hint).toContain(`target/compiled/pg/${wanted.node.replace('.', '/')}.sql`)
  expect(await published(adapter)).toBe(before)
  await adapter.execute('truncate web.gate')
  const again = await project.run(adapter, { asOf, ...(how === 'retry' ? { earlier: results } : {}) })
  expect([again.record.status, again.problems]).toEqual(['success', []])
  expect(await published(adapter)).toBe(undisturbed)
  const locks = "select count(*) as n from pg_locks where locktype = 'advisory'"
  expect(await adapter.query(locks)).toEqual([{ n: 0n }])
}

describe('a PostgreSQL server', () => {
  test('restarted in the middle: retry does what was left, the run is in the log', async () => {
    await onCopy({}, async (copy) => {
      const outcome = await inTheMiddle(copy, () => server.restart('stop', 500))
      expect(outcome.problems.map(({ code }) => code)).toContain('PSN5001')
      const other = await openDatabase(server.url, copy.name)
      expect(await other.query('select status from personas.runs order by started_at desc limit 1')).toEqual([
        { status: 'error' },
      ])
      await other.close()
      const slow = outcome.record.results.find(({ nodeId }) => nodeId === 'model.slow')
      expect(slow?.status).toBe('error')
      await expectMended(copy, outcome, {
        node: 'model.slow',
        message: /connection to the warehouse was lost/,
        hint: /run again once the server answers/,
      })
    })
  })

  test.each(['retry', 'run'] as const)(
    'crashed in the middle, then %s: what may be lost is done again',
    async (how) => {
      await onCopy({}, async (copy) => {
        const outcome = await inTheMiddle(copy, () => server.restart('crash'))
        await expectMended(
          copy,
          outcome,
          { node: 'model.slow', message: /connection to the warehouse was lost/, hint: /run again once/ },
          how,
        )
        const kept = "select relname from pg_class where relpersistence = 'u' and relname like 'state%'"
        expect(await copy.adapter.query(kept)).toEqual([])
      })
    },
  )

  test('whose administrator ends the session of a node, or cancels its statement', async () => {
    await onCopy({}, async (copy) => {
      const ended = await inTheMiddle(copy, async (pid) => {
        await copy.other.query('select pg_terminate_backend($1)', [pid])
      })
      await expectMended(copy, ended, {
        node: 'model.slow',
        message: /was lost: terminating connection due to administrator command/,
        hint: /run again once the server answers/,
      })
    })
    await onCopy({}, async (copy) => {
      const cancelled = await inTheMiddle(copy, async (pid) => {
        await copy.other.query('select pg_cancel_backend($1)', [pid])
      })
      await expectMended(copy, cancelled, { node: 'model.slow', message: /was cancelled/, hint: /run again/ })
    })
  })

  test('that loses the connection which keeps other runs out: the run stops by itself', async () => {
    await onCopy({}, async (copy) => {
      const outcome = await inTheMiddle(copy, async () => {
        const holder =
          "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' " +
          'and database = (select oid from pg_database where datname = current_database())'
        await copy.other.query(holder)
      })
      expect(outcome.record.status).toBe('error')
      expect(outcome.problems.map(({ code }) => code)).toEqual(['PSN5029'])
      expect(await published(copy.adapter)).toBe(before)
      await copy.adapter.execute('truncate web.gate')
      const again = await project.run(copy.adapter, { asOf, earlier: outcome.results })
      expect([again.record.status, await published(copy.adapter)]).toEqual(['success', undisturbed])
    })
  })

  test('statements say project, run and node to whoever looks', async () => {
    await onCopy({ applicationName: 'nightly' }, async (copy) => {
      let seen: readonly unknown[] = []
      await inTheMiddle(copy, async (pid) => {
        const sql = 'select application_name, left(query, 120) as query from pg_stat_activity where pid = $1'
        seen = (await copy.other.query(sql, [pid])).rows
        await copy.other.query('select pg_terminate_backend($1)', [pid])
      })
      expect(seen).toEqual([
        {
          application_name: 'nightly',
          query: expect.stringMatching(/^\/\* personas project=faults run_id=\S+ node=model\.slow \*\/\n/),
        },
      ])
    })
  })

  // PSN4021, as the reason of PSN5001.
  test.each([
    ['personas.profile_traits', 'publish.publish'],
    ['web.order_completed', 'identity.events'],
  ])('with %s locked by somebody else', async (table, node) => {
    await onCopy({ lockTimeoutSeconds: 1 }, async (copy) => {
      await copy.other.query('begin')
      await copy.other.query(`lock table ${table} in access exclusive mode`)
      const { rows } = await copy.other.query('select pg_backend_pid() as pid')
      const outcome = await project.run(copy.adapter, { asOf })
      await copy.other.query('rollback')
      await expectMended(copy, outcome, {
        node,
        message: new RegExp(
          `gave up waiting for a lock\\n.*${table} is locked by PID ${rows[0]?.pid}: user postgres, application \`somebody\`, idle in transaction since 2`,
        ),
        hint: /pg_terminate_backend.*lock_timeout/,
      })
    })
  })

  // PSN4022
  test('with a limit to how long a statement may take', async () => {
    await onCopy({ statementTimeoutSeconds: 2 }, async (copy) => {
      const outcome = await inTheMiddle(copy, async () => {})
      await expectMended(copy, outcome, {
        node: 'model.slow',
        message: /took longer than it may/,
        hint: /raise `statement_timeout` of the target/,
      })
    })
  })

  test('whose disk is full', async () => {
    await onCopy({}, async (copy) => {
      await copy.other.query("insert into web.gate values ('large')")
      await expectMended(copy, await project.run(copy.adapter, { asOf }), {
        node: 'model.large',
        message: /the disk is full: could not extend file/,
        hint: /free some space and run again/,
      })
    })
  })

  test('that gives a user so much room for temporary files', async () => {
    await onCopy({}, async (copy) => {
      await copy.other.query(`alter database ${copy.name} set temp_file_limit = '1MB'`)
      await copy.other.query("insert into web.gate values ('sorted')")
      const adapter = await openDatabase(server.url, copy.name)
      const outcome = await project.run(adapter, { asOf })
      await adapter.close()
      await expectMended(copy, outcome, {
        node: 'model.sorted',
        message: /the disk is full: temporary file size exceeds "?temp_file_limit/,
        hint: /raise `temp_file_limit`/,
      })
    })
  })
})

describe('rights on a PostgreSQL server', () => {
  const asLimited = (database: string, role: string): Promise<Adapter> =>
    openDatabase(server.url, database, {
      change: (url) => {
        url.username = role
        url.password = 'limited'
      },
    })

  /** A role that may do all a run does in schemas that were made for it, but create no schema. */
  async function onLimited(
    use: (copy: Copy, role: string, adapter: Adapter) => Promise<void>,
  ): Promise<void> {
    await onCopy({}, async (copy) => {
      const role = `limited_${copy.name}`
      const { other } = copy
      for (const sql of [
        'drop schema personas cascade',
        'drop schema personas_work cascade',
        `create role ${role} login password 'limited'`,
        `create schema personas authorization ${role}`,
        `create schema personas_work authorization ${role}`,
        `grant usage on schema web to ${role}`,
        `grant select on all tables in schema web to ${role}`,
      ])
        await other.query(sql)
      const adapter = await asLimited(copy.name, role)
      try {
        await use(copy, role, adapter)
      } finally {
        await adapter.close()
      }
    })
  }

  test('no right to create where the schemas are there', async () => {
    await onLimited(async (_copy, _role, adapter) => {
      const { record, problems } = await project.run(adapter)
      expect([record.status, problems]).toEqual(['success', []])
    })
  })

  test.each([
    ['usage on schema web', undefined, /permission denied for schema web/, /grant usage on schema web to/],
    [
      'select on web.order_completed',
      'identity.events',
      /permission denied for table order_completed/,
      /grant select on order_completed to/,
    ],
    [
      'create on schema personas_work',
      undefined,
      /permission denied for schema personas_work/,
      /grant usage, create on schema personas_work to/,
    ],
  ] as const)('%s is missing, then granted', async (right, node, message, hint) => {
    await onLimited(async ({ other }, role, adapter) => {
      if (right.includes('personas_work')) await other.query('alter schema personas_work owner to postgres')
      const usage = 'grant usage on schema personas_work'
      if (right.includes('personas_work')) await other.query(`${usage} to ${role}`)
      else await other.query(`revoke ${right} from ${role}`)
      const failed = await project.run(adapter).catch((error: { problems: Outcome['problems'] }) => ({
        problems: error.problems,
        results: undefined,
      }))
      const found = failed.problems.find((each) => message.test(each.message))
      expect([failed.problems.map((each) => each.message), found?.code]).toEqual([
        expect.anything(),
        node === undefined ? 'PSN4004' : 'PSN5001',
      ])
      expect(found?.hint).toMatch(hint)
      if (node !== undefined) expect(found?.message).toContain(`\`${node}\` failed`)
      await other.query(`grant ${right} to ${role}`)
      const again = await project.run(adapter, { ...(failed.results && { earlier: failed.results }) })
      expect([again.record.status, again.problems]).toEqual(['success', []])
    })
  })

  test('schemas that are missing and may not be created', async () => {
    await onLimited(async ({ name, other }, role, adapter) => {
      await other.query('drop schema personas')
      await expect(project.run(adapter)).rejects.toMatchObject({
        problems: [
          {
            code: 'PSN4004',
            message: expect.stringContaining(`permission denied for database ${name}`),
            hint: expect.stringContaining(`grant create on database ${name} to`),
          },
        ],
      })
      await other.query(`grant create on database ${name} to ${role}`)
      expect((await project.run(adapter)).record.status).toBe('success')
    })
  })

  test('a public table that belongs to somebody else', async () => {
    await onLimited(async ({ other }, role, adapter) => {
      expect((await project.run(adapter)).record.status).toBe('success')
      const good = await published(adapter)
      await other.query('alter table personas.profile_traits owner to postgres')
      const failed = await project.run(adapter, { asOf })
      const found = failed.problems[0]
      expect([found?.code, found?.message]).toEqual([
        'PSN5001',
        expect.stringMatching(
          /`publish\.publish` failed: the warehouse does not allow it: .*table profile_traits/,
        ),
      ])
      await other.query(`alter table personas.profile_traits owner to ${role}`)
      expect(await published(adapter)).toBe(good)
      const again = await project.run(adapter, { asOf, earlier: failed.results })
      expect(again.record.status).toBe('success')
    })
  })
})
