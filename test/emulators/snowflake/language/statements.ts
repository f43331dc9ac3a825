import { notModelled } from '../errors.ts'
import { Cursor } from './cursor.ts'
import { parseExpr, parseType } from './expressions.ts'
import { parseFrom, parseQuery, parseRows, startsQuery } from './queries.ts'
import type {
  Alter,
  Assignment,
  ColumnDefinition,
  CreateHow,
  Expr,
  MergeClause,
  Query,
  Statement,
} from './syntax.ts'

/** @returns each statement with its own text */
export function parseScript(sql: string): readonly { statement: Statement; text: string }[] {
  const on = new Cursor(sql)
  const statements: { statement: Statement; text: string }[] = []
  for (;;) {
    while (on.accept(';'));
    if (on.ended) return statements
    const { start } = on.token
    const statement = parseStatement(on)
    if (!on.ended && !on.sees(';')) on.fail()
    statements.push({ statement, text: sql.slice(start, on.lastEnd) })
  }
}

function parseStatement(on: Cursor): Statement {
  if (startsQuery(on, true) || on.sees('VALUES')) return { kind: 'query', query: parseQuery(on) }
  if (on.accept('CREATE')) return parseCreate(on)
  if (on.accept('DROP')) return parseDrop(on)
  if (on.accept('ALTER')) return parseAlter(on)
  if (on.accept('TRUNCATE')) {
    on.accept('TABLE')
    const ifExists = on.accept('IF', 'EXISTS')
    return { kind: 'truncate', name: on.path(), ifExists }
  }
  if (on.accept('INSERT')) return parseInsert(on)
  if (on.accept('UPDATE')) return parseUpdate(on)
  if (on.accept('DELETE')) return parseDelete(on)
  if (on.accept('MERGE')) return parseMerge(on)
  if (on.accept('BEGIN') || on.accept('START', 'TRANSACTION')) return begin(on)
  if (on.accept('COMMIT', 'WORK') || on.accept('COMMIT')) return { kind: 'commit' }
  if (on.accept('ROLLBACK', 'WORK') || on.accept('ROLLBACK')) return { kind: 'rollback' }
  if (on.accept('USE')) return parseUse(on)
  if (on.accept('SHOW')) return parseShow(on)
  if (on.accept('DESCRIBE') || on.accept('DESC')) {
    const what = on.oneOf('TABLE', 'VIEW')
    return { kind: 'describe', what, name: on.path() }
  }
  if (on.accept('EXPLAIN')) {
    if (on.accept('USING')) on.expect('TABULAR')
    return { kind: 'explain', query: parseQuery(on) }
  }
  if (on.token.kind === 'word') {
    const known =
      'PUT GET COPY CALL EXECUTE GRANT REVOKE SET UNSET COMMENT LIST LS REMOVE RM UNDROP DECLARE LET'.split(
        ' ',
      )
    if (known.includes(on.token.value)) throw notModelled(on.token.value)
  }
  return on.fail()
}

function begin(on: Cursor): Statement {
  if (on.accept('TRANSACTION') || on.accept('WORK') || on.ended || on.sees(';')) return { kind: 'begin' }
  if (on.accept('NAME')) {
    on.name()
    return { kind: 'begin' }
  }
  throw notModelled('Snowflake Scripting')
}

function parseCreate(on: Cursor): Statement {
  const replace = on.accept('OR', 'REPLACE')
  let transient = false
  let temporary = false
  for (;;) {
    if (on.accept('TRANSIENT')) transient = true
    else if (on.accept('TEMPORARY') || on.accept('TEMP') || on.accept('LOCAL', 'TEMPORARY')) temporary = true
    else break
  }
  if (on.accept('TABLE'))
    return createTable(on, { replace, transient, temporary, ifNotExists: on.accept('IF', 'NOT', 'EXISTS') })
  if (on.sees('SECURE') || on.sees('MATERIALIZED') || on.sees('RECURSIVE') || on.sees('DYNAMIC'))
    throw notModelled(`CREATE ${on.token.value}`)
  if (on.accept('VIEW'))
    return createView(on, { replace, transient, temporary, ifNotExists: on.accept('IF', 'NOT', 'EXISTS') })
  if (on.accept('SCHEMA')) {
    const how = { replace, transient, temporary, ifNotExists: on.accept('IF', 'NOT', 'EXISTS') }
    if (replace) throw notModelled('CREATE OR REPLACE SCHEMA')
    const name = on.path()
    skipComment(on)
    return { kind: 'createSchema', name, how }
  }
  if (on.token.kind === 'word') throw notModelled(`CREATE ${on.token.value}`)
  return on.fail()
}

function skipComment(on: Cursor): void {
  if (on.accept('COMMENT')) {
    on.expect('=')
    on.text()
  }
}

/** Table properties that change no answer here. */
function tableProperties(on: Cursor): void {
  for (;;) {
    if (on.accept('CLUSTER', 'BY')) on.parenthesised(() => on.list(() => parseExpr(on)))
    else if (on.accept('DATA_RETENTION_TIME_IN_DAYS', '=')) on.integer()
    else if (on.accept('COPY', 'GRANTS')) continue
    else if (on.sees('COMMENT')) skipComment(on)
    else return
  }
}

function createTable(on: Cursor, how: CreateHow): Statement {
  if (how.replace && how.ifNotExists) on.fail()
  const name = on.path()
  if (on.accept('LIKE'))
    return { kind: 'createTable', name, how, as: undefined, like: on.path(), clone: false, columns: [] }
  if (on.accept('CLONE'))
    return { kind: 'createTable', name, how, as: undefined, like: on.path(), clone: true, columns: [] }
  const columns = on.sees('(') ? on.parenthesised(() => on.list(() => columnDefinition(on))) : []
  tableProperties(on)
  if (!on.accept('AS')) {
    if (columns.length === 0) on.fail()
    return { kind: 'createTable', name, how, as: undefined, like: undefined, clone: false, columns }
  }
  return { kind: 'createTable', name, how, as: parseQuery(on), like: undefined, clone: false, columns }
}

function columnDefinition(on: Cursor): ColumnDefinition {
  if (['PRIMARY', 'UNIQUE', 'FOREIGN', 'CONSTRAINT'].includes(on.token.value) && on.token.kind === 'word') {
    throw notModelled('table constraints')
  }
  const name = on.name()
  const type = parseType(on)
  let notNull = false
  let value: Expr | undefined
  for (;;) {
    if (on.accept('NOT', 'NULL')) notNull = true
    else if (on.accept('NULL')) continue
    else if (on.accept('DEFAULT')) value = parseExpr(on)
    else if (on.sees('COMMENT')) {
      on.step()
      on.text()
    } else if (
      on.sees('COLLATE') ||
      on.sees('PRIMARY') ||
      on.sees('UNIQUE') ||
      on.sees('REFERENCES') ||
      on.sees('AUTOINCREMENT') ||
      on.sees('IDENTITY') ||
      on.sees('AS')
    ) {
      throw notModelled(`column property ${on.token.value}`)
    } else return { name, type, notNull, default: value }
  }
}

function createView(on: Cursor, how: CreateHow): Statement {
  if (how.replace && how.ifNotExists) on.fail()
  const name = on.path()
  const columns = on.sees('(') ? on.parenthesised(() => on.list(() => on.name())) : []
  for (;;) {
    if (on.accept('COPY', 'GRANTS')) continue
    if (!on.sees('COMMENT')) break
    skipComment(on)
  }
  on.expect('AS')
  const { start } = on.token
  const as = parseQuery(on)
  return { kind: 'createView', name, how, columns, as, text: on.sql.slice(start, on.lastEnd) }
}

function parseDrop(on: Cursor): Statement {
  const what = on.oneOf('TABLE', 'VIEW', 'SCHEMA')
  const ifExists = on.accept('IF', 'EXISTS')
  const name = on.path()
  // Tables and schemas go with what is in them unless RESTRICT is said; views take neither word.
  const restrict = what !== 'VIEW' && on.accept('RESTRICT')
  if (what !== 'VIEW' && !restrict) on.accept('CASCADE')
  return { kind: 'drop', what, name, ifExists, restrict }
}

function parseAlter(on: Cursor): Statement {
  if (on.accept('SESSION')) return alterSession(on)
  if (!on.accept('TABLE')) throw notModelled(`ALTER ${on.token.value}`)
  const ifExists = on.accept('IF', 'EXISTS')
  const name = on.path()
  return { kind: 'alterTable', name, ifExists, action: alterAction(on) }
}

function alterAction(on: Cursor): Alter {
  if (on.accept('RENAME', 'TO')) return { kind: 'rename', to: on.path() }
  if (on.accept('RENAME', 'COLUMN')) {
    const from = on.name()
    on.expect('TO')
    return { kind: 'renameColumn', from, to: on.name() }
  }
  if (on.accept('SWAP', 'WITH')) return { kind: 'swap', with: on.path() }
  if (on.accept('ADD')) {
    on.accept('COLUMN')
    const ifNotExists = on.accept('IF', 'NOT', 'EXISTS')
    return { kind: 'add', ifNotExists, columns: on.list(() => columnDefinition(on)) }
  }
  if (on.accept('DROP')) {
    on.accept('COLUMN')
    const ifExists = on.accept('IF', 'EXISTS')
    return { kind: 'drop', ifExists, columns: on.list(() => on.name()) }
  }
  if (on.accept('ALTER') || on.accept('MODIFY')) {
    on.accept('COLUMN')
    const column = on.name()
    if (!on.accept('SET', 'DATA', 'TYPE')) on.expect('TYPE')
    return { kind: 'type', column, type: parseType(on) }
  }
  if (on.sees('SET', 'COMMENT')) {
    on.step()
    skipComment(on)
    return { kind: 'note' }
  }
  throw notModelled(`ALTER TABLE … ${on.token.value}`)
}

function alterSession(on: Cursor): Statement {
  if (on.accept('UNSET')) return { kind: 'unsetSession', names: on.list(() => on.name()) }
  on.expect('SET')
  const parameters: (readonly [string, string])[] = []
  do {
    const name = on.name()
    on.expect('=')
    const { token } = on
    if (token.kind !== 'text' && token.kind !== 'number' && token.kind !== 'word') on.fail()
    parameters.push([name, on.step().value])
    on.accept(',')
  } while (on.atName)
  return { kind: 'setSession', parameters }
}

function parseInsert(on: Cursor): Statement {
  const overwrite = on.accept('OVERWRITE')
  if (!on.accept('INTO')) throw notModelled('INSERT ALL')
  const name = on.path()
  const columns =
    on.sees('(') && !startsQuery(on, true) ? on.parenthesised(() => on.list(() => on.name())) : []
  const query: Query = on.accept('VALUES')
    ? {
        with: [],
        body: { kind: 'values', rows: parseRows(on) },
        orderBy: [],
        limit: undefined,
        offset: undefined,
      }
    : parseQuery(on)
  return { kind: 'insert', name, overwrite, columns, query }
}

function assignments(on: Cursor): readonly Assignment[] {
  return on.list(() => {
    const path = on.path()
    on.expect('=')
    return { column: path[path.length - 1] ?? '', value: parseExpr(on) }
  })
}

function parseUpdate(on: Cursor): Statement {
  const name = on.path()
  const alias = on.sees('SET') ? undefined : on.alias()
  on.expect('SET')
  const set = assignments(on)
  const from = on.accept('FROM') ? parseFrom(on) : undefined
  const where = on.accept('WHERE') ? parseExpr(on) : undefined
  return { kind: 'update', name, alias, set, from, where }
}

function parseDelete(on: Cursor): Statement {
  on.expect('FROM')
  const name = on.path()
  const alias = on.sees('USING') || on.sees('WHERE') ? undefined : on.alias()
  const using = on.accept('USING') ? parseFrom(on) : undefined
  const where = on.accept('WHERE') ? parseExpr(on) : undefined
  return { kind: 'delete', name, alias, using, where }
}

function parseMerge(on: Cursor): Statement {
  on.expect('INTO')
  const name = on.path()
  const alias = on.sees('USING') ? undefined : on.alias()
  on.expect('USING')
  const using = parseFrom(on)
  on.expect('ON')
  const condition = parseExpr(on)
  const matched: MergeClause[] = []
  const notMatched: MergeClause[] = []
  while (on.accept('WHEN')) {
    if (on.accept('NOT', 'MATCHED')) {
      if (on.sees('BY')) on.fail()
      const when = on.accept('AND') ? parseExpr(on) : undefined
      on.expect('THEN', 'INSERT')
      const columns = on.sees('(') ? on.parenthesised(() => on.list(() => on.path().at(-1) ?? '')) : []
      on.expect('VALUES')
      notMatched.push({
        kind: 'insert',
        when,
        columns,
        values: on.parenthesised(() => on.list(() => parseExpr(on))),
      })
    } else {
      on.expect('MATCHED')
      const when = on.accept('AND') ? parseExpr(on) : undefined
      on.expect('THEN')
      if (on.accept('DELETE')) matched.push({ kind: 'delete', when })
      else {
        on.expect('UPDATE', 'SET')
        matched.push({ kind: 'update', when, set: assignments(on) })
      }
    }
  }
  if (matched.length + notMatched.length === 0) on.fail()
  return { kind: 'merge', name, alias, using, on: condition, matched, notMatched }
}

function parseUse(on: Cursor): Statement {
  for (const what of ['ROLE', 'WAREHOUSE', 'DATABASE', 'SCHEMA'] as const) {
    if (on.accept(what)) return { kind: 'use', what, name: on.path() }
  }
  return { kind: 'use', what: 'DATABASE', name: on.path() }
}

function parseShow(on: Cursor): Statement {
  on.accept('TERSE')
  const what = on.oneOf('TABLES', 'SCHEMAS', 'COLUMNS', 'VIEWS', 'PARAMETERS', 'WAREHOUSES', 'DATABASES')
  const like = on.accept('LIKE') ? on.text() : undefined
  let place: readonly string[] | undefined
  if (on.accept('IN')) {
    for (const word of ['SCHEMA', 'DATABASE', 'TABLE', 'ACCOUNT', 'SESSION']) if (on.accept(word)) break
    place = on.atName ? on.path() : undefined
  }
  return { kind: 'show', what, like, in: place }
}
