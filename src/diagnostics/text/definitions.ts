import { didYouMean } from './problem-parts.ts'

/** `a, b or c`. */
function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} or ${last}`
}

/** Texts of PSN2xxx: definitions and their references. */
export const definitionsText = {
  PSN2001: (p: { by: string; audience: string; near: string | undefined }) => ({
    message: `${p.by} refers to audience \`${p.audience}\`, which does not exist`,
    hint: didYouMean(p.near, 'audiences are defined under `audiences` in models/'),
  }),
  PSN2002: (p: { sync: string; destination: string; near: string | undefined }) => ({
    message: `sync \`${p.sync}\` sends to destination \`${p.destination}\`, which does not exist`,
    hint: didYouMean(p.near, 'destinations are defined under `destinations` in models/'),
  }),
  PSN2003: (p: { sync: string; model: string; near: string | undefined }) => ({
    message: `sync \`${p.sync}\` reads model \`${p.model}\`, which does not exist`,
    hint: didYouMean(p.near, 'a model is a .sql file under models/'),
  }),
  PSN2004: (p: { trait: string; file: string; near: string | undefined }) => ({
    message: `trait \`${p.trait}\` reads \`${p.file}\`, which does not exist`,
    hint: didYouMean(p.near, 'the path is relative to this file, or to the models folder'),
  }),
  PSN2005: (p: { test: string; source: string; near: string | undefined }) => ({
    message: `unit test \`${p.test}\` gives rows of source \`${p.source}\`, which does not exist`,
    hint: didYouMean(p.near, 'name the rows `<source>.<table>`'),
  }),
  PSN2006: (p: { by: string; source: string; near: string | undefined }) => ({
    message: `${p.by} excludes source \`${p.source}\`, which does not exist`,
    hint: didYouMean(p.near, 'sources are defined under `sources` in models/'),
  }),
  PSN2010: (p: { kind: string; name: string; firstKind: string; first: string }) => ({
    message: `${p.kind} \`${p.name}\` has the name of ${p.firstKind} \`${p.name}\` at ${p.first}`,
    hint: 'give one of them another name',
  }),
  PSN2011: (p: { path: readonly string[] }) => ({
    message: `The audience would create a cycle by referencing another audience: ${p.path.join(' → ')}`,
    hint: 'remove one of these references',
  }),
  PSN2012: (p: { by: string; wanted: string; trait: string; entity: string }) => ({
    message: `${p.by} asks for trait \`${p.trait}\` of ${p.wanted}s, but it is a trait of ${p.entity}s`,
    hint: `use a trait of ${p.wanted}s`,
  }),
  PSN2013: (p: { path: readonly string[] }) => ({
    message: `these traits need each other: ${p.path.join(' → ')}`,
    hint: 'remove one of these references',
  }),
  PSN2014: (p: { key: string; found: string }) => ({
    message: `\`${p.key}\` cannot be ${p.found}: it names a column or table`,
    hint: 'use small letters, digits and _, a letter first',
  }),
  PSN2015: (p: { name: string; table?: string; rowsOf?: string }) => ({
    message: p.table
      ? `an audience cannot be called \`${p.name}\`: \`${p.table}\` is a table ${p.rowsOf === undefined ? 'for all of them' : `of rows that sync \`${p.rowsOf}\` sends`}`
      : `\`${p.name}\` is the name of a column that every profile has`,
    hint: 'choose another name',
  }),
  PSN2020: (p: { key: string; found: string }) => ({
    message: `\`${p.key}\` cannot be ${p.found}, which is no duration`,
    hint: 'write a whole number and s, m, h, d or w: 45s, 30m, 12h, 90d, 2w',
  }),
  PSN2021: (p: { key: string; found: string }) => ({
    message: `\`${p.key}\` cannot be ${p.found}, which is no percentage`,
    hint: 'write 0% to 100%, for example 20%',
  }),
  PSN2022: (p: { key: string; found: string }) => ({
    message: `\`${p.key}\` cannot be ${p.found}, which is no instant`,
    hint: 'write a date, or a date and time with a zone: 2026-06-01, 2026-06-01T00:00:00Z',
  }),
  PSN2023: (p: { pattern: string; detail: string }) => ({
    message: `bad regular expression \`${p.pattern}\`: ${p.detail}`,
    hint: 'keep to what all warehouses read alike: literals, ., [a-z], \\d, ( | ), ^ $, * + ? {n,m}',
  }),
  PSN2024: (p: { detail: string }) => ({
    message: p.detail,
    hint: 'give one of within: 90d, between: [30d, 90d] (nearer first), session: 30m, or since and until',
  }),
  PSN2025: (p: { found: string }) => ({
    message: `a session cannot end after ${p.found} without an event`,
    hint: 'give a pause from 30m to 90d',
  }),
  PSN2026: (p: { kind: string; found: string }) => ({
    message: `\`default\` cannot be ${p.found}; it must be ${p.kind}`,
    hint: 'a default is of the kind of the values of its trait: 0, some text, [a, b]',
  }),
  PSN2030: (p: {
    within: string
    near: string | undefined
    keys: readonly string[]
    allowed: readonly string[]
  }) => ({
    message:
      p.keys.length === 0
        ? `${p.within} holds an empty map`
        : `${p.within} holds a map that is of no known kind: it has ${p.keys.join(', ')}`,
    hint: didYouMean(p.near, `it needs one of ${p.allowed.join(', ')}`),
  }),
  PSN2031: (p: { within: string; keys: readonly string[] }) => ({
    message: `${p.within} holds a map with both ${p.keys.map((key) => `\`${key}\``).join(' and ')}`,
    hint: 'keep one; put the other into a map of its own',
  }),
  PSN2032: (p: { subject: string }) => ({
    message: `the condition on \`${p.subject}\` does not say what must hold`,
    hint: 'add an operator, for example `exists: true`',
  }),
  PSN2033: (p: { key: string; detail: string }) => ({
    message: `\`${p.key}\` ${p.detail}`,
    hint: 'move it, leave it out, or change `entity`',
  }),
  PSN2034: (p: { detail: string }) => ({
    message: p.detail,
    hint: 'give `count`, or one reducer such as `sum: revenue` with operators beside it; `min_frequency` goes with `most_frequent`, `p` with `percentile`, `as` with `min`, `max` and `most_frequent`',
  }),
  PSN2035: (p: { property: string }) => ({
    message: `\`parent: ${p.property}\` stands outside \`then\`, where there is no parent event`,
    hint: 'only the `where` of a `then` knows the event before it',
  }),
  PSN2036: (p: { property: string }) => ({
    message: `\`property: ${p.property}\` stands where there is no event to have it`,
    hint: 'only the `where` of an event compares with a property of it',
  }),
  PSN2037: (p: { column: string }) => ({
    message: `\`column: ${p.column}\` stands where there is no row to have it`,
    hint: 'only the `where` of a relationship compares with columns of its rows',
  }),
  PSN2038: (p: { key: string; found: string }) => ({
    message: `\`${p.key}\` cannot be ${p.found}, which is no path of a property`,
    hint: 'write names joined by dots, for example `category`, `product.brand`, `products.$`',
  }),
  PSN2040: (p: { expression: string; detail: string }) => ({
    message: `the formula \`${p.expression}\` cannot be read: ${p.detail}`,
    hint: 'use numbers, traits, + - * /, parentheses and functions',
  }),
  PSN2041: (p: { name: string; near: string | undefined; known: readonly string[] }) => ({
    message: `a formula has no function \`${p.name}\``,
    hint: didYouMean(p.near, `the functions are ${p.known.join(', ')}`),
  }),
  PSN2042: (p: { name: string; expected: string; found: number }) => ({
    message: `\`${p.name}\` takes ${p.expected}, not ${p.found}`,
    hint: 'change the arguments',
  }),
  PSN2048: (p: { kind: string; name: string; deepest: number }) => ({
    message: `${p.kind} \`${p.name}\` is nested more than ${p.deepest} levels deep`,
    hint: 'make traits or audiences of its parts, and name them here',
  }),
  PSN2050: (p: { first: string }) => ({
    message: `\`identity\` is already given at ${p.first}`,
    hint: 'keep the rules of identity in one place',
  }),
  PSN2051: (p: { type: string; key: string; value: string }) => ({
    message: `identifier \`${p.type}\` repeats ${p.key} ${p.value}`,
    hint: 'each identifier has its own type and priority',
  }),
  PSN2052: (p: { found: string; type: string; near?: string }) => ({
    message:
      p.type === '' ? `\`${p.found}\` is not an identifier` : `no identifier has the type \`${p.type}\``,
    hint:
      p.near === undefined
        ? 'write `type:value` with a type of `identity.identifiers`, for example `email:ann@example.com`'
        : `did you mean \`${p.near}\`?`,
  }),
  PSN2060: (p: { folder: string }) => ({
    message: `no source is defined under ${p.folder}`,
    hint: 'add a file with `sources:`, for example `- { name: web, format: segment, schema: web_prod }`',
  }),
  PSN2061: (p: { file: string }) => ({
    message: `\`${p.file}\` holds no select`,
    hint: 'write a select, or remove the file',
  }),
  PSN2070: (p: { found: string | undefined; expected: readonly string[]; near: string | undefined }) => ({
    message:
      p.found === undefined ? 'the query ends too early' : `the query cannot be read from \`${p.found}\` on`,
    hint: didYouMean(p.near, `expected ${listed(p.expected)}`),
  }),
  PSN2071: (p: { name: string; after: string; near: string | undefined; known: readonly string[] }) => ({
    message: `a query has no \`${p.name}\` for ${p.after}`,
    hint: didYouMean(p.near, `there is ${p.known.join(', ')}`),
  }),
  PSN2072: (p: { detail: string; advice: string }) => ({ message: p.detail, hint: p.advice }),
  PSN2073: (p: { most: number }) => ({
    message: `the query has more than ${p.most} comparisons`,
    hint: 'make an audience of a part, and ask for its members here',
  }),
  PSN2074: (p: { name: string; type: string }) => ({
    message: `trait \`${p.name}\` has no query form: it is of type ${p.type}`,
    hint: 'audiences and traits of events have one; show it with --as yaml',
  }),
  PSN2075: (p: { name: string; near: string | undefined }) => ({
    message: `no trait or audience is named \`${p.name}\``,
    hint: didYouMean(p.near, 'only their definitions are shown with --as'),
  }),
  PSN2080: (p: { by: string; relationship: string; near: string | undefined }) => ({
    message: `${p.by} refers to relationship \`${p.relationship}\`, which does not exist`,
    hint: didYouMean(p.near, 'relationships are defined under `relationships` in models/'),
  }),
  PSN2081: (p: { relationship: string; entity: string; near: string | undefined }) => ({
    message: `relationship \`${p.relationship}\` reads entity \`${p.entity}\`, which does not exist`,
    hint: didYouMean(p.near, 'entities are defined under `entities` in models/'),
  }),
  PSN2082: (p: { detail: string }) => ({
    message: p.detail,
    hint: 'below a profile give one of `external_id`, `trait`, `account_trait`; below a relationship `join_on` or `junction`',
  }),
  PSN2083: (p: { path: readonly string[] }) => ({
    message: `these relationships stand below each other: ${p.path.join(' → ')}`,
    hint: 'the topmost one is joined to the profile and has no `parent`',
  }),
  PSN2084: (p: { path: readonly string[]; most: number }) => ({
    message: `relationship \`${p.path.at(-1)}\` is at level ${p.path.length}: ${p.path.join(' → ')}`,
    hint: `there are at most ${p.most} levels, the profile among them; join it nearer to the profile`,
  }),
  PSN2085: (p: { relationship: string; above: string; parent: string | undefined }) => ({
    message: `rows of \`${p.relationship}\` do not belong to rows of \`${p.above}\``,
    hint:
      p.parent === undefined
        ? `\`${p.relationship}\` belongs to the profile: ask for it beside, not inside`
        : `\`${p.relationship}\` is below \`${p.parent}\``,
  }),
  PSN2086: (p: { by: string; needs: string; entity: string }) => ({
    message: `${p.by} needs times for ${p.needs}, but entity \`${p.entity}\` has no \`timestamp\``,
    hint: `add \`timestamp:\` with a column of its table to entity \`${p.entity}\``,
  }),
  PSN2087: (p: { of: string; levels: readonly string[] }) => ({
    message: `no row of \`${p.of}\` is at hand here`,
    hint: `\`of\` names the relationship itself or one above it: ${listed(p.levels)}`,
  }),
  PSN2088: (p: {
    relationship: string
    type: string
    near: string | undefined
    known: readonly string[]
  }) => ({
    message: `relationship \`${p.relationship}\` joins by external id \`${p.type}\`, which identity does not know`,
    hint: didYouMean(p.near, `the types are ${p.known.join(', ')}`),
  }),
  PSN2089: (p: { trait: string; entity: string; relationship: string; owner: string }) => ({
    message: `trait \`${p.trait}\` is of ${p.entity}s, but rows of relationship \`${p.relationship}\` belong to ${p.owner}s`,
    hint: `give the trait \`entity: ${p.owner}\`, or define a relationship to ${p.entity}s`,
  }),
  PSN2100: (p: { detail: string; near?: string }) => ({
    message: p.detail,
    hint: didYouMean(
      p.near,
      'a field is a constant, { trait: … }, { identifier: … }, { audience: … }, { column: … }, { id: true }, or one of docs/syncs.md around them',
    ),
  }),
  PSN2102: (p: { sync: string; detail: string; near?: string }) => ({
    message: `filter of sync \`${p.sync}\`: ${p.detail}`,
    hint: didYouMean(
      p.near,
      'for example event != "deleted" and traits.plan in ["pro", "team"]; docs/syncs.md tells all of it',
    ),
  }),
  PSN2103: (p: { sync: string; relationship: string; audience: string; asked: readonly string[] }) => ({
    message: `sync \`${p.sync}\` sends rows of \`${p.relationship}\`, which audience \`${p.audience}\` does not ask for`,
    hint:
      p.asked.length === 0
        ? 'it asks for no rows: give it a condition on them'
        : `give it a condition on them; it asks for rows of ${listed(p.asked)}`,
  }),
  PSN2104: (p: { sync: string; relationship: string; audience: string }) => ({
    message: `sync \`${p.sync}\` sends rows of \`${p.relationship}\`, but nobody is in audience \`${p.audience}\` for having some`,
    hint: 'a condition with `at_most` or `exactly: 0`, under `not` or about the users of an account lets no row qualify: ask for some beside it',
  }),
  PSN2105: (p: { sync: string; relationship: string; audience: string; owner: string; entity: string }) => ({
    message: `sync \`${p.sync}\` sends rows of \`${p.relationship}\`, which belong to ${p.owner}s, but members of \`${p.audience}\` are ${p.entity}s`,
    hint: `make it an audience of ${p.owner}s, or define a relationship to ${p.entity}s`,
  }),
  PSN2101: (p: { sync: string; from: string; detail: string; hint: string }) => ({
    message: `sync \`${p.sync}\` sends ${p.from}, ${p.detail}`,
    hint: p.hint,
  }),
}
