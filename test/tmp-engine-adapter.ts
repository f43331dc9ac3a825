// throw-away

import { bindMarks } from '../src/adapters/bind-marks.ts'
import { groupColumns } from '../src/adapters/catalog-tables.ts'
import { bindText, cellValue } from '../src/adapters/snowflake-values.ts'
import { snowflake } from '../src/dialects/snowflake.ts'
import { swapCase } from '../src/dialects/snowflake-names.ts'
import { type Binds, Engine, noBinds } from './emulators/snowflake/engine/engine.ts'

let engine: any
export async function openEngine(): Promise<any> {
  if (!engine) {
    engine = await Engine.open()
    engine.catalog.addDatabase('DB')
    engine.warehouses.add('WH')
  }
  const session = await engine.openSession('t' + Math.random(), 'u')
  session.database = 'DB'
  session.warehouse = 'WH'
  session.schema = 'PUBLIC'
  const kinds: any = {
    number: 'fixed',
    float: 'real',
    text: 'text',
    boolean: 'boolean',
    date: 'text',
    variant: 'variant',
    array: 'array',
    object: 'object',
  }
  const conv = (v: any, t: any): any => {
    if (v === null) return null
    if (t.kind.startsWith('timestamp'))
      return (
        String(v)
          .replace(' ', 'T')
          .replace(/\+00$/, '')
          .replace(/\.?0+$/, (m: string) => (m.startsWith('.') ? '' : m))
          .replace(/(\.\d*?)0+$/, '$1') + 'Z'
      )
    return cellValue(
      t.kind === 'boolean' ? v === true || v === 'true' : v,
      kinds[t.kind] ?? 'text',
      t.scale ?? 0,
    )
  }
  const binds = (values: readonly any[]): Binds => ({
    rows: 1,
    value: (k: string) => {
      const v = values[Number(k.split("@")[0]) - 1]
      return v === null
        ? ({ sql: 'NULL', type: { kind: 'text', length: 16777216 } } as any)
        : ({ sql: `'${String(v).replaceAll("'", "''")}'`, type: { kind: 'text', length: 16777216 } } as any)
    },
  })
  const run = async (sql: string, b: Binds = noBinds) => {
    const rs = await engine.run(sql, session, b, new AbortController().signal)
    const r = rs.at(-1)
    return {
      r,
      rows: r.rows.map((row: any[]) =>
        Object.fromEntries(r.columns.map((c: any, i: number) => [swapCase(c.name), conv(row[i], c.type)])),
      ),
    }
  }
  const adapter: any = {
    dialect: snowflake,
    session,
    async version() {
      return 'Snowflake 9.0.0'
    },
    async execute(sql: string) {
      const { r, rows } = await run(sql)
      const f: any = Object.values(rows[0] ?? {})[0]
      return typeof f === 'bigint' ? Number(f) : 0
    },
    async query(sql: string, p: readonly any[] = []) {
      const b = bindMarks(sql, p)
      return (await run(b.sql, b.values.length ? binds(b.values) : noBinds)).rows
    },
    async transaction(sts: readonly string[]) {
      await run('begin')
      let n = 0
      try {
        for (const s of sts) n = await adapter.execute(s)
        await run('commit')
        return n
      } catch (e) {
        await run('rollback')
        throw e
      }
    },
    async catalog(schemas: readonly string[]) {
      const out: any[] = []
      for (const s of schemas)
        for (const [name, rel] of engine.catalog.databases.get('DB')?.get(swapCase(s))?.relations ?? [])
          for (const c of rel.columns) {
            const k = c.type.kind
            out.push({
              schema: s,
              table: swapCase(name),
              column: {
                name: swapCase(c.name),
                type:
                  k === 'number'
                    ? c.type.scale
                      ? 'decimal'
                      : 'integer'
                    : k === 'timestamp_ntz'
                      ? 'timestamp'
                      : k.startsWith('timestamp')
                        ? 'timestamptz'
                        : ['variant', 'array', 'object'].includes(k)
                          ? 'json'
                          : k,
              },
            })
          }
      return groupColumns(out)
    },
    async describe(select: string) {
      const { r } = await run(`select * from (\n${select}\n) as described limit 0`)
      return r.columns.map((c: any) => {
        const k = c.type.kind
        return {
          name: swapCase(c.name),
          type:
            k === 'number'
              ? c.type.scale
                ? 'decimal'
                : 'integer'
              : k === 'timestamp_ntz'
                ? 'timestamp'
                : k.startsWith('timestamp')
                  ? 'timestamptz'
                  : ['variant', 'array', 'object'].includes(k)
                    ? 'json'
                    : k,
        }
      })
    },
    async load(target: any, columns: any[], rows: AsyncIterable<any[]>) {
      const t = snowflake.relation(target)
      await run(
        `create or replace table ${t} (${columns.map((c) => `${snowflake.ident(c.name)} ${snowflake.typeName(c.type)}`).join(', ')})`,
      )
      let n = 0
      for await (const row of rows) {
        n++
        await run(
          `insert into ${t} values (${columns.map(() => '?').join(', ')})`,
          binds(columns.map((c, i) => bindText(row[i] ?? null, c.type))),
        )
      }
      return n
    },
    async loadCsv() {
      throw new Error('no')
    },
    async tryLock() {
      return { release: async () => {} }
    },
    async cancel() {},
    async close() {
      await engine.closeSession(session)
    },
  }
  return adapter
}
