import { castTo, once } from '../binder/casts.ts'
import { literal } from '../binder/names.ts'
import { date, integer, ltz, ntz, type SfType, type Typed, text, typeText, tz } from '../binder/types.ts'
import { invalidDatePart, notModelled, wrongArguments } from '../errors.ts'
import type { Call, Expr } from '../language/syntax.ts'
import { argument, exactly, literalText, refuseModifiers, type Twin, type TwinContext } from './twin.ts'

type Part =
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'nanosecond'

/** @see https://docs.snowflake.com/en/sql-reference/functions-date-time#supported-date-and-time-parts */
const spellings: Readonly<Record<Part, string>> = {
  year: 'year y yy yyy yyyy yr years yrs',
  quarter: 'quarter q qtr qtrs quarters',
  month: 'month mm mon mons months',
  week: 'week w wk weekofyear woy wy weeks',
  day: 'day d dd days dayofmonth',
  hour: 'hour h hh hr hours hrs',
  minute: 'minute m mi min minutes mins',
  second: 'second s sec seconds secs',
  millisecond: 'millisecond ms msec milliseconds',
  microsecond: 'microsecond us usec microseconds',
  nanosecond: 'nanosecond ns nsec nanosec nsecond nanoseconds nanosecs nseconds',
}

const parts: ReadonlyMap<string, Part> = new Map(
  Object.entries(spellings).flatMap(([part, words]) =>
    words.split(' ').map((word): [string, Part] => [word, isPart(part) ? part : 'day']),
  ),
)

function isPart(value: string): value is Part {
  return value in spellings
}

function partName(of: Expr): string {
  if (of.kind === 'text') return of.value.toLowerCase()
  if (of.kind === 'column' && of.name.length === 1) return (of.name[0] ?? '').toLowerCase()
  throw invalidDatePart('expression')
}

function partOf(of: Expr): Part {
  const found = parts.get(partName(of))
  if (found === undefined) throw invalidDatePart(partName(of))
  return found
}

function timeLike(call: Call, at: number, context: TwinContext): Typed {
  const of = context.bind(argument(call, at))
  switch (of.type.kind) {
    case 'date':
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return of
    case 'null':
      return castTo(of, ntz)
    default:
      throw wrongArguments(call.name, [typeText(of.type)])
  }
}

const isTimePart = (part: Part): boolean => !['year', 'quarter', 'month', 'week', 'day'].includes(part)

/** A date stays a date unless hours or less are added; months end on the last day where there is no such day. */
const dateAdd: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 3)
  const part = partOf(argument(call, 0))
  const amount = context.bind(argument(call, 1))
  if (amount.type.kind !== 'number') throw wrongArguments(call.name, [typeText(amount.type)])
  const of = timeLike(call, 2, context)
  return added(of, part, `CAST(${amount.sql} AS BIGINT)`)
}

function added(of: Typed, part: Part, amount: string): Typed {
  const base = of.type.kind === 'date' ? castTo(of, ntz).sql : of.sql
  const type: SfType = of.type.kind === 'date' ? (isTimePart(part) ? ntz : date) : of.type
  const sql = `(${base} + ${interval(part, amount)})`
  return { sql: type.kind === 'date' ? `CAST(${sql} AS DATE)` : sql, type }
}

function interval(part: Part, n: string): string {
  switch (part) {
    case 'year':
      return `to_years(CAST(${n} AS INTEGER))`
    case 'quarter':
      return `to_months(CAST(${n} * 3 AS INTEGER))`
    case 'month':
      return `to_months(CAST(${n} AS INTEGER))`
    case 'week':
      return `to_days(CAST(${n} * 7 AS INTEGER))`
    case 'day':
      return `to_days(CAST(${n} AS INTEGER))`
    case 'hour':
      return `to_hours(${n})`
    case 'minute':
      return `to_minutes(${n})`
    case 'second':
      return `to_seconds(${n})`
    case 'millisecond':
      return `to_microseconds(${n} * 1000)`
    case 'microsecond':
      return `to_microseconds(${n})`
    case 'nanosecond':
      throw notModelled('adding nanoseconds')
  }
}

/** `timestamp ± interval '1 day, 2 hours'`, applied in the order written. */
export function addInterval(of: Typed, value: string, sign: 1 | -1): Typed {
  let sum = of
  for (const piece of value.split(',')) {
    const [, digits, word = 'second'] = /^\s*(\d+)\s*([A-Za-z]+)?\s*$/.exec(piece) ?? []
    const part = parts.get(word.toLowerCase())
    if (digits === undefined || part === undefined) throw notModelled(`the interval '${value}'`)
    sum = added(sum, part, `${sign * Number(digits)}`)
  }
  return sum
}

/** Boundaries crossed, not time elapsed: 23:59 to 00:01 is one day. Weeks begin on Monday, as WEEK_START 0 has it. */
const dateDiff: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 3)
  const part = partOf(argument(call, 0))
  const [from, to] = [timeLike(call, 1, context), timeLike(call, 2, context)].map((of) => castTo(of, ntz).sql)
  const steps = (unit: string, size = 1): string =>
    `(date_diff('${unit}', date_trunc('${part}', ${from}), date_trunc('${part}', ${to})) // ${size})`
  const micros = `(epoch_us(${to}) - epoch_us(${from}))`
  const counted = ((): string => {
    switch (part) {
      case 'year':
      case 'month':
      case 'day':
      case 'hour':
      case 'minute':
      case 'second':
      case 'millisecond':
        return steps(part)
      case 'quarter':
        return steps('month', 3)
      case 'week':
        return steps('day', 7)
      case 'microsecond':
        return micros
      case 'nanosecond':
        return `(${micros} * 1000)`
    }
  })()
  return { sql: `CAST(${counted} AS DECIMAL(38, 0))`, type: integer }
}

const dateTrunc: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2)
  const part = partOf(argument(call, 0))
  const of = timeLike(call, 1, context)
  if (of.type.kind === 'timestamp_tz' && !of.type.utc) throw notModelled('DATE_TRUNC of a TIMESTAMP_TZ')
  if (of.type.kind === 'date' && isTimePart(part)) throw invalidDatePart(part)
  if (part === 'nanosecond') return of
  const sql = `date_trunc('${part}', ${of.sql})`
  return { sql: of.type.kind === 'date' ? `CAST(${sql} AS DATE)` : sql, type: of.type }
}

const furtherParts: Readonly<Record<string, (of: string) => string>> = {
  sundayfirst: (of) => `date_part('dow', ${of})`,
  dayofweekiso: (of) => `date_part('isodow', ${of})`,
  dayofweek_iso: (of) => `date_part('isodow', ${of})`,
  weekiso: (of) => `date_part('week', ${of})`,
  week_iso: (of) => `date_part('week', ${of})`,
  dayofyear: (of) => `date_part('doy', ${of})`,
  doy: (of) => `date_part('doy', ${of})`,
  epoch_second: (of) =>
    `epoch_us(${of}) // 1000000 - CASE WHEN epoch_us(${of}) % 1000000 < 0 THEN 1 ELSE 0 END`,
  epoch: (of) => `epoch_us(${of}) // 1000000 - CASE WHEN epoch_us(${of}) % 1000000 < 0 THEN 1 ELSE 0 END`,
  epoch_millisecond: (of) =>
    `epoch_us(${of}) // 1000 - CASE WHEN epoch_us(${of}) % 1000 < 0 THEN 1 ELSE 0 END`,
  epoch_milliseconds: (of) =>
    `epoch_us(${of}) // 1000 - CASE WHEN epoch_us(${of}) % 1000 < 0 THEN 1 ELSE 0 END`,
  epoch_microsecond: (of) => `epoch_us(${of})`,
  epoch_microseconds: (of) => `epoch_us(${of})`,
  epoch_nanosecond: (of) => `CAST(epoch_us(${of}) AS HUGEINT) * 1000`,
  epoch_nanoseconds: (of) => `CAST(epoch_us(${of}) AS HUGEINT) * 1000`,
}

const plainParts: ReadonlySet<Part> = new Set([
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
])

const dayOfWeek = new Set(['dayofweek', 'weekday', 'dow', 'dw'])

function datePart(given: string, of: Typed, session: ReadonlyMap<string, string>): Typed {
  // Sunday is 0 while WEEK_START is 0; else the first day of the week is 1.
  const monday = session.get('WEEK_START') === '1'
  const name = dayOfWeek.has(given) ? (monday ? 'dayofweekiso' : 'sundayfirst') : given
  const moment = castTo(of, ntz).sql
  const further = furtherParts[name]
  const sql = once(moment, (v) => {
    if (further !== undefined) return further(v)
    const part = parts.get(name)
    if (part === undefined) throw invalidDatePart(name)
    // Weeks of the year are ISO's while WEEK_OF_YEAR_POLICY is 0.
    if (plainParts.has(part)) return `date_part('${part}', ${v})`
    if (part === 'nanosecond') return `(epoch_us(${v}) - epoch_us(date_trunc('second', ${v}))) * 1000`
    throw invalidDatePart(name)
  })
  return { sql: `CAST(${sql} AS DECIMAL(38, 0))`, type: integer }
}

function fixedPart(name: string): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1)
    return datePart(name, timeLike(call, 0, context), context.session)
  }
}

const datePartTwin: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2)
  return datePart(partName(argument(call, 0)), timeLike(call, 1, context), context.session)
}

/** From text, dates, other timestamps, and numbers of seconds since 1970. */
function toTimestamp(type: SfType, trying: boolean): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1, 2)
    const of = context.bind(argument(call, 0))
    if (of.type.kind === 'number') {
      if (trying || type.kind !== 'timestamp_ntz') throw notModelled(`${call.name} of a NUMBER`)
      const scale = call.args[1]?.kind === 'number' ? Number(call.args[1].text) : 0
      if (of.type.scale > 0 || ![0, 3, 6].includes(scale))
        throw notModelled(`${call.name} with scale ${scale}`)
      return { sql: `make_timestamp(CAST(${of.sql} AS BIGINT) * ${10 ** (6 - scale)})`, type }
    }
    const format = literalText(call, 1, 'AUTO')
    if (format.toUpperCase() !== 'AUTO') throw notModelled(`${call.name} with the format ${format}`)
    if (trying && of.type.kind !== 'text' && of.type.kind !== 'null')
      throw wrongArguments(call.name, [typeText(of.type)])
    return castTo(of, type, trying && of.type.kind === 'text')
  }
}

/** @see https://docs.snowflake.com/en/sql-reference/date-time-input-output#label-date-time-formats */
const formatElements: Readonly<Record<string, string>> = {
  YYYY: '%Y',
  YY: '%y',
  MM: '%m',
  MON: '%b',
  DD: '%d',
  DY: '%a',
  HH24: '%H',
  HH12: '%I',
  AM: '%p',
  PM: '%p',
  MI: '%M',
  SS: '%S',
  FF0: '',
  FF3: '%g',
  FF6: '%f',
  FF9: '%n',
  FF: '%n',
}

export function formatted(of: Typed, format: string): Typed {
  if (of.type.kind !== 'date' && of.type.kind !== 'timestamp_ntz')
    throw notModelled(`TO_CHAR of ${typeText(of.type)} with a format`)
  const found = format.matchAll(
    /"([^"]*)"|(YYYY|YY|MON|MM|MI|DD|DY|HH24|HH12|AM|PM|SS|FF[0-9]?)|([^A-Za-z"])|([\s\S])/gi,
  )
  const pieces = [...found].map(([, quoted, element, mark, other]) => {
    const duckdb = element === undefined ? undefined : formatElements[element.toUpperCase()]
    if (other !== undefined || (element !== undefined && duckdb === undefined))
      throw notModelled(`\`${element ?? other}\` in the format ${format}`)
    return duckdb ?? (quoted ?? mark ?? '').replaceAll('%', '%%')
  })
  return { sql: `strftime(${of.sql}, ${literal(pieces.join(''))})`, type: text }
}

/** Two arguments give a TIMESTAMP_TZ in that zone; only UTC is modelled. */
const convertTimezone: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2, 3)
  for (let at = 0; at < call.args.length - 1; at += 1) {
    if (literalText(call, at, '') !== 'UTC') throw notModelled('CONVERT_TIMEZONE to other than UTC')
  }
  const of = timeLike(call, call.args.length - 1, context)
  if (call.args.length === 3) {
    if (of.type.kind !== 'timestamp_ntz') throw wrongArguments(call.name, [typeText(of.type)])
    return of
  }
  // A TIMESTAMP_NTZ is taken to be in the session's zone, which is UTC here.
  return { sql: castTo(of, tz).sql, type: { kind: 'timestamp_tz', precision: 9, utc: true } }
}

const now =
  (type: SfType): Twin =>
  (call, context) => {
    refuseModifiers(call)
    if (call.args.length > 1) exactly(call, 0, 1)
    const zoned: Typed = { sql: context.now, type: ltz }
    return type.kind === 'timestamp_ltz'
      ? zoned
      : castTo(zoned.type === type ? zoned : { sql: castTo(zoned, ntz).sql, type: ntz }, type)
  }

const lastDay: Twin = (call, context) => {
  exactly(call, 1)
  return { sql: `last_day(${castTo(timeLike(call, 0, context), ntz).sql})`, type: date }
}

export const timeTwins: Readonly<Record<string, Twin>> = {
  DATEADD: dateAdd,
  TIMEADD: dateAdd,
  TIMESTAMPADD: dateAdd,
  DATEDIFF: dateDiff,
  TIMEDIFF: dateDiff,
  TIMESTAMPDIFF: dateDiff,
  DATE_TRUNC: dateTrunc,
  DATE_PART: datePartTwin,
  YEAR: fixedPart('year'),
  QUARTER: fixedPart('quarter'),
  MONTH: fixedPart('month'),
  DAY: fixedPart('day'),
  DAYOFMONTH: fixedPart('day'),
  DAYOFWEEK: fixedPart('dayofweek'),
  DAYOFWEEKISO: fixedPart('dayofweekiso'),
  DAYOFYEAR: fixedPart('dayofyear'),
  WEEKISO: fixedPart('weekiso'),
  HOUR: fixedPart('hour'),
  MINUTE: fixedPart('minute'),
  SECOND: fixedPart('second'),
  LAST_DAY: lastDay,
  TO_TIMESTAMP: toTimestamp(ntz, false),
  TO_TIMESTAMP_NTZ: toTimestamp(ntz, false),
  TO_TIMESTAMP_LTZ: toTimestamp(ltz, false),
  TO_TIMESTAMP_TZ: toTimestamp(tz, false),
  TRY_TO_TIMESTAMP: toTimestamp(ntz, true),
  TRY_TO_TIMESTAMP_NTZ: toTimestamp(ntz, true),
  TRY_TO_TIMESTAMP_LTZ: toTimestamp(ltz, true),
  TRY_TO_TIMESTAMP_TZ: toTimestamp(tz, true),
  TO_DATE: toTimestamp(date, false),
  DATE: toTimestamp(date, false),
  TRY_TO_DATE: toTimestamp(date, true),
  CONVERT_TIMEZONE: convertTimezone,
  CURRENT_TIMESTAMP: now(ltz),
  LOCALTIMESTAMP: now(ltz),
  GETDATE: now(ltz),
  SYSDATE: now(ntz),
  CURRENT_DATE: now(date),
}
