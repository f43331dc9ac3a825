import type { Dialect } from '../dialects/dialect.ts'
import { type Branch, type Repeat, type Statement, type Step, statement } from '../ir/step.ts'
import type { Templates } from '../sql/templates.ts'
import type { IdentityContext } from './context.ts'
import { identityRelation, type TableName } from './tables.ts'

/** Writes steps from the templates under `templates/identity/`. */
export interface Writer {
  /** @param more names the template has beside those of the context */
  select(template: string, more?: Readonly<Record<string, unknown>>): string
  /** Replaces a working table by what the template selects. */
  table(name: TableName, template: string, more?: Readonly<Record<string, unknown>>): readonly Statement[]
  /** The same where the template looks up few rows of a large state table. */
  lookUp(name: TableName, template: string): readonly Statement[]
  /** The same where the template reads the table it replaces. */
  renew(name: TableName, template: string): readonly Statement[]
  /** What the first table holds is the second's from now on. */
  rename(from: TableName, to: TableName): readonly Statement[]
  /** Working tables that nobody reads any more: what is large and kept costs memory where the database holds it there. */
  forget(...names: readonly TableName[]): readonly Statement[]
  /** Runs the template as it is. */
  run(template: string): Statement
  /** Counts a round for the certificate. */
  count(loop: string): Statement
  /** A loop that ends when the template's one integer is 0; each round is counted. */
  repeat(name: string, until: string, bound: Repeat['bound'], body: readonly Step[]): Repeat
  /** Steps that are passed over where the template's one integer is 0. */
  branch(name: string, condition: string, body: readonly Step[]): Branch
}

export function identityWriter(
  context: IdentityContext,
  dialect: Dialect,
  templates: Templates,
  workSchema: string,
): Writer {
  const select: Writer['select'] = (template, more) =>
    templates.render(`identity/${template}`, more === undefined ? context : { ...context, ...more }).trim()
  return {
    select,
    table: (name, template, more) =>
      dialect
        .createScratchTableAs(identityRelation(workSchema, name), select(template, more))
        .map((sql) => statement(template, sql)),
    lookUp: (name, template) =>
      dialect
        .createScratchTableAs(identityRelation(workSchema, name), select(template))
        .map((sql) => statement(template, dialect.byIndex(sql))),
    renew: (name, template) => {
      const next = identityRelation(workSchema, 'next')
      const target = identityRelation(workSchema, name)
      return dialect.rewriteTable(target, next, select(template)).map((sql) => statement(template, sql))
    },
    rename: (from, to) => {
      const target = identityRelation(workSchema, to)
      return [
        ...dialect.dropTable(target),
        ...dialect.renameTable(identityRelation(workSchema, from), target.name),
      ].map((sql) => statement(`rename to ${to}`, sql))
    },
    forget: (...names) =>
      names.flatMap((name) =>
        dialect.dropTable(identityRelation(workSchema, name)).map((sql) => statement('forget', sql)),
      ),
    run: (template) => statement(template, select(template)),
    count: (loop) => countRound(context, dialect, loop),
    repeat: (name, until, bound, body) => ({
      kind: 'repeat',
      name,
      until: select(until),
      bound,
      body: [...body, countRound(context, dialect, name)],
    }),
    branch: (name, condition, body) => ({ kind: 'branch', name, condition: select(condition), body }),
  }
}

function countRound(context: IdentityContext, dialect: Dialect, loop: string): Statement {
  return statement(
    `count a round of ${loop}`,
    `insert into ${context.tables.rounds} (loop_name) values (${dialect.text(loop)})`,
  )
}
