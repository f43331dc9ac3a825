import { didYouMean, type ProblemParts } from './problem-parts.ts'

/** PSN3xxx: definitions held against the warehouse's catalogue. */
export const compilerText = {
  PSN3001: (p: { source: string; schema: string; near?: string }) => ({
    message: `source \`${p.source}\` reads schema \`${p.schema}\`, which holds no call tables`,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : 'check the schema and the target, or load data first (`personas seed`)',
  }),
  PSN3002: (p: { source: string; table: string; near?: string }) => ({
    message: `source \`${p.source}\` reads table \`${p.table}\`, which does not exist`,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : 'check the table and the target, or load data first (`personas seed`)',
  }),
  PSN3003: (p: { table: string; column: string; near?: string }) => ({
    message: `table \`${p.table}\` has no column \`${p.column}\``,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : `\`personas show ${p.table}\` prints the columns that it has`,
  }),
  PSN3004: (p: { table: string; column: string; found: string }) => ({
    message: `column \`${p.column}\` of table \`${p.table}\` must hold times, but its type is ${p.found}`,
    hint: 'change its type in the warehouse to timestamp or date, or read a view that casts it',
  }),
  PSN3010: (p: { file: string; ref: string; near?: string }) => ({
    message: `\`{{ref '${p.ref}'}}\` names nothing in this project`,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : 'a ref names a model, a trait, an audience or a public table',
  }),
  PSN3011: (p: { source: string; table: string; near?: string }) => ({
    message: `\`{{source '${p.source}' '${p.table}'}}\` names no table in the warehouse`,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : 'the first word is a source or a schema, the second one of its tables',
  }),
  PSN3012: (p: { name: string; near?: string }) => ({
    message: `variable \`${p.name}\` is not set`,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : 'set it under `vars:` in personas.config.yaml or with --vars',
  }),
  PSN3013: (p: { name: string }) => ({
    message: `environment variable \`${p.name}\` is not set`,
    hint: `export ${p.name}, or give a default: {{env_var '${p.name}' 'default'}}`,
  }),
  PSN3014: (p: { name: string }) => ({
    message: `environment variable \`${p.name}\` holds a secret of personas.config.yaml, which must not reach SQL`,
    hint: 'use another variable, or keep the value in the connection settings only',
  }),
  PSN3015: (p: { message: string }) => ({
    message: `the SQL template cannot be read: ${p.message}`,
    hint: "templates know {{ref 'name'}}, {{source 'source' 'table'}}, {{var 'name'}} and {{env_var 'NAME'}}",
  }),
  PSN3016: (p: { message: string }) => ({
    message: `the warehouse refuses this select: ${p.message}`,
    hint: 'a .sql file holds one select, without a semicolon at its end',
  }),
  PSN3017: (p: { cycle: string }) => ({
    message: `models refer to each other in a circle: ${p.cycle}`,
    hint: 'let one of them read the sources instead',
  }),
  PSN3020: (p: { trait: string; columns: string; expected: string }) => ({
    message: `SQL trait \`${p.trait}\` must return one of ${p.expected}; it returns ${p.columns}`,
    hint: 'rename the column that identifies the profile',
  }),
  PSN3021: (p: { trait: string; count: number }) => ({
    message: `SQL trait \`${p.trait}\` returns ${p.count} columns; at most 25 are allowed`,
    hint: 'split the query into several SQL traits',
  }),
  PSN3022: (p: { trait: string }) => ({
    message: `SQL trait \`${p.trait}\` returns no column besides the identifier`,
    hint: 'each further column becomes a trait',
  }),
  PSN3023: (p: { trait: string; column: string; other: string }) => ({
    message: `SQL trait \`${p.trait}\` returns column \`${p.column}\`, which ${p.other} already defines`,
    hint: 'give the column another name with `as`',
  }),
  PSN3024: (p: { trait: string; type: string }): ProblemParts => ({
    severity: 'warning',
    message: `SQL trait \`${p.trait}\` is by \`${p.type}\`, which is no identifier of this project: its values are lost`,
    hint: `add \`${p.type}\` to identity.identifiers, or return another identifier`,
  }),
  PSN3030: (p: { by: string; table: string; near?: string }) => ({
    message: `${p.by} reads table \`${p.table}\`, which does not exist`,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : 'check the table and the target, or load data first (`personas seed`)',
  }),
  PSN3031: (p: { left: string; leftType: string; right: string; rightType: string }) => ({
    message: `\`${p.left}\` (${p.leftType}) and \`${p.right}\` (${p.rightType}) are never equal`,
    hint: 'join by columns that hold the same values, or read a view that casts one of them',
  }),
  PSN3040: (p: { table: string; columns: number; most: number; warehouse: string }) => ({
    message: `table \`${p.table}\` would have ${p.columns.toLocaleString('en')} columns; ${
      p.warehouse
    } allows ${p.most.toLocaleString('en')}`,
    hint: 'define fewer traits and audiences of this entity, or move some to another project with a schema of its own',
  }),
  PSN3041: (p: { node: string; bytes: number; most: number; warehouse: string }) => ({
    message: `a statement of \`${p.node}\` would have ${p.bytes.toLocaleString('en')} bytes; ${
      p.warehouse
    } allows ${p.most.toLocaleString('en')}`,
    hint: 'put long lists of values into a table and read it with a SQL trait, or split what this node computes',
  }),
  PSN3042: (p: { schema: string; bytes: number; most: number; warehouse: string }) => ({
    message: `schema \`${p.schema}\` has a name of ${p.bytes} bytes; ${p.warehouse} allows ${p.most}`,
    hint: 'shorten `schema` or `work_schema` of the target; the latter is `<schema>_work` unless set',
  }),
  PSN3043: (p: { node: string; function: string; warehouse: string; ofTemplate: boolean }) => ({
    message: `\`${p.node}\` calls \`${p.function}\`, which is no function that compiled SQL may call on ${p.warehouse}`,
    hint: p.ofTemplate
      ? 'write the template without it; a `.sql` file of models/ may call whatever the warehouse has'
      : 'this is a bug of personas: please report it',
  }),
  PSN3100: (p: { event: string; near?: string }): ProblemParts => ({
    severity: 'warning',
    message: `no source has event \`${p.event}\``,
    hint: didYouMean(p.near, 'names count by letter case; until it arrives nobody has done it'),
  }),
  PSN3101: (p: { event: string; path: string; near?: string }): ProblemParts => ({
    severity: 'warning',
    message: `no source has property \`${p.path}\` on event \`${p.event}\``,
    hint: didYouMean(p.near, 'until it arrives it is empty on every event'),
  }),
  PSN3102: (p: { event: string; path: string; near?: string }): ProblemParts => ({
    severity: 'warning',
    message: `no source has context \`${p.path}\` on event \`${p.event}\``,
    hint: didYouMean(p.near, 'until it arrives it is empty on every event'),
  }),
  PSN3103: (p: { entity: 'user' | 'account'; trait: string; near?: string }) => ({
    message: `no ${p.entity} trait is named \`${p.trait}\``,
    hint: didYouMean(
      p.near,
      `define it under \`traits:\`, or send it with ${p.entity === 'user' ? 'an identify' : 'a group'} call`,
    ),
  }),
  PSN3105: (p: { trait: string; path: string; type: string }): ProblemParts => ({
    severity: 'warning',
    message: `trait \`${p.trait}\` needs numbers, but property \`${p.path}\` is a ${p.type}`,
    hint: 'read another property, or count the events instead',
  }),
  PSN3106: (p: { trait: string }) => ({
    message: `formula trait \`${p.trait}\` rounds to a number of digits that is not written out`,
    hint: 'the second argument of `round` is a whole number from 0 to 9',
  }),
  PSN3107: (p: { trait: string; found: string; type: string }) => ({
    message: `trait \`${p.trait}\` has the default ${p.found}, but its values are of type ${p.type}`,
    hint: 'give a default of that type, or none',
  }),
  PSN3110: (p: { sync: string; type: string; entity: 'user' | 'account'; near?: string }) => ({
    message:
      p.entity === 'account'
        ? `sync \`${p.sync}\` sends accounts, which have no identifier \`${p.type}\``
        : `sync \`${p.sync}\` sends identifier \`${p.type}\`, but \`identity\` knows no such type`,
    hint: didYouMean(
      p.near,
      p.entity === 'account'
        ? 'map { id: true } for the id of the account'
        : 'types are listed under `identity: identifiers:`',
    ),
  }),
  PSN3111: (p: { sync: string; column: string; near?: string }) => ({
    message: `sync \`${p.sync}\` reads column \`${p.column}\`, which its rows do not have`,
    hint: didYouMean(p.near, 'see the columns with `personas show --inline "select * from …"`'),
  }),
  PSN3112: (p: { sync: string }) => ({
    message: `sync \`${p.sync}\` sends traits of users and of accounts`,
    hint: 'make it two syncs',
  }),
  PSN3113: (p: { sync: string; table: string; near?: string }) => ({
    message: `sync \`${p.sync}\` reads table \`${p.table}\`, which does not exist`,
    hint: didYouMean(p.near, 'write it as schema.table'),
  }),
  PSN3114: (p: { sync: string }) => ({
    message: `sync \`${p.sync}\` tells of rows of accounts in track calls, which are made of users`,
    hint: 'send them to a destination that takes records, or send the accounts themselves',
  }),
}
