import { statSync } from 'node:fs'
import { hashOf, parseCache, readCacheFile, renderCache, writeCacheFile } from '../config/cache-file.ts'
import type { DuckdbTarget, Target } from '../config/config.ts'
import { duckdb } from '../dialects/duckdb.ts'
import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import type { Adapter, CatalogReader } from './adapter.ts'
import { openAdapter } from './open-adapter.ts'

/** Answers of a database file, which hold as long as nobody writes to it. */
interface Answers {
  /** By the schemas asked for. */
  readonly catalogs: Readonly<Record<string, Catalog>>
  /** By the hash of the select. */
  readonly described: Readonly<Record<string, readonly CatalogColumn[]>>
}

/**
 * Gives `use` the catalogue of a target and closes it whatever happens. A DuckDB file that is as it was when it was last
 * asked is not opened: what it answered is in `cacheFile`.
 *
 * @throws {WarehouseError} the warehouse cannot be reached or opened
 */
export async function withCatalog<T>(
  target: Target,
  cacheFile: string,
  use: (reader: CatalogReader) => Promise<T>,
): Promise<T> {
  if (target.type === 'duckdb' && target.path !== ':memory:') return withFile(target, cacheFile, use)
  const adapter = await openAdapter(target)
  try {
    return await use(adapter)
  } finally {
    await adapter.close()
  }
}

async function withFile<T>(
  target: DuckdbTarget,
  cacheFile: string,
  use: (reader: CatalogReader) => Promise<T>,
): Promise<T> {
  const before = stateOf(target.path)
  const stored = before === undefined ? undefined : answersIn(parseCache(readCacheFile(cacheFile), before))
  const catalogs: Record<string, Catalog> = {}
  const described: Record<string, readonly CatalogColumn[]> = {}
  let opening: Promise<Adapter> | undefined
  const adapter = (): Promise<Adapter> => {
    opening ??= openAdapter(target)
    return opening
  }
  let mayKeep = true
  const reader: CatalogReader = {
    dialect: duckdb,
    async catalog(schemas) {
      const key = JSON.stringify(schemas)
      const answer = stored?.catalogs[key] ?? (await (await adapter()).catalog(schemas))
      catalogs[key] = answer
      return answer
    },
    async describe(select) {
      const key = hashOf(select)
      const answer = stored?.described[key] ?? (await (await adapter()).describe(select))
      if (!readsFiles.test(select)) described[key] = answer
      return answer
    },
  }
  try {
    const result = await use(reader)
    if (opening !== undefined) mayKeep = !(await hasFileReaders(await opening))
    return result
  } finally {
    if (opening !== undefined) {
      await (await opening).close()
      // Only what nobody wrote to meanwhile is known to be what was read.
      if (mayKeep && before !== undefined && stateOf(target.path) === before) {
        writeCacheFile(cacheFile, renderCache(before, { catalogs, described }))
      }
    }
  }
}

/** A select that may read a file beside the database, whose columns can change on their own; rather too often than not. */
const readsFiles =
  /'[^'$][^']*[./\\*][^']*'|"[^"]*[./\\*][^"]*"|\b\w*(read|scan|glob|sniff|query|csv|parquet|json_execute|getenv|getvariable)\w*\s*\(/i

/** Whether a view or a macro of the database may: a select that uses it does not show it. */
async function hasFileReaders(adapter: Adapter): Promise<boolean> {
  const rows = await adapter.query(
    'select sql from duckdb_views() where not internal ' +
      'union all select macro_definition from duckdb_functions() where not internal and macro_definition is not null',
  )
  return rows.some(({ sql }) => readsFiles.test(String(sql)))
}

/** Changes with whatever is written to the file or its log; undefined where there is no file. */
function stateOf(path: string): string | undefined {
  const parts = [path, `${path}.wal`].map((file) => {
    try {
      const found = statSync(file, { bigint: true })
      return `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`
    } catch {
      // Why it cannot be reached is said by who opens it.
      return 'none'
    }
  })
  return parts[0] === 'none' ? undefined : JSON.stringify([path, ...parts])
}

function answersIn(content: Readonly<Record<string, unknown>> | undefined): Answers | undefined {
  return content !== undefined && isAnswers(content) ? content : undefined
}

/** What this build wrote for this state is of the types of this build. */
function isAnswers(content: object): content is Answers {
  return 'catalogs' in content && 'described' in content
}
