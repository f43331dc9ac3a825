import { accountHolds, type Members, userHolds } from './audiences.ts'
import { list, type Raw, record } from './conditions.ts'
import {
  conditionsOf,
  countedKeys,
  countedRows,
  keyOf,
  ownerOf,
  type Place,
  rowHolds,
  type Subject,
} from './relationships.ts'
import type { World } from './world.ts'

/** `<profile> <row>` for each row of a relationship for which a member is in the audience, sorted. */
export function evaluateMemberRows(
  world: World,
  raw: Raw,
  members: Members,
  relationship: string,
): readonly string[] {
  const match = Array.isArray(raw.match) ? { all: raw.match } : record(raw.match)
  const judged = raw.entity === 'account' ? accounts(world, members) : users(world, raw, members)
  return judged
    .flatMap(({ subject, holds }) => {
      const rows = qualifying(world, subject, match, holds, relationship)
      return [...new Set(rows)].map((row) => `${subject.id} ${row}`)
    })
    .sort()
}

interface JudgedSubject {
  readonly subject: Subject
  holds(condition: Raw): boolean
}

function users(world: World, raw: Raw, members: Members): readonly JudgedSubject[] {
  return world.users
    .filter(({ known }) => known || raw.include_anonymous === true)
    .map((user) => ({
      subject: { entity: 'user', ...user },
      holds: (condition) => userHolds(world, user, undefined, condition, members),
    }))
}

function accounts(world: World, members: Members): readonly JudgedSubject[] {
  return world.accounts.map((account) => ({
    subject: { entity: 'account', ...account },
    holds: (condition) => accountHolds(world, account, condition, members),
  }))
}

/** Each group that holds gives the rows it holds by, and the groups around it take them together. */
function qualifying(
  world: World,
  subject: Subject,
  condition: Raw,
  holds: JudgedSubject['holds'],
  relationship: string,
): readonly string[] {
  if (!holds(condition)) return []
  const inner = condition.all ?? condition.any
  if (inner !== undefined)
    return list(inner).flatMap((each) => qualifying(world, subject, each, holds, relationship))
  if (condition.relationship === undefined || ownerOf(world, condition.relationship) !== subject.entity)
    return []
  if (!asksForSome(condition)) return []
  const counted = countedKeys(world, subject, condition)
  const { within: _, between: __, since: ___, until: ____, ...always } = condition
  const rows = countedRows(world, subject, always).filter((row) => counted.has(keyOf(world, row)))
  return rows.flatMap((row) => ofRow(world, subject, row, condition, relationship))
}

function ofRow(
  world: World,
  subject: Subject,
  place: Place,
  asked: Raw,
  relationship: string,
): readonly string[] {
  if (place.relationship === relationship) return [keyOf(world, place)]
  const visit = (condition: Raw): readonly string[] => {
    if (!rowHolds(world, subject, place, condition)) return []
    const inner = condition.all ?? condition.any
    if (inner !== undefined) return list(inner).flatMap(visit)
    if (condition.relationship === undefined || !asksForSome(condition)) return []
    return countedRows(world, subject, condition, place).flatMap((row) =>
      ofRow(world, subject, row, condition, relationship),
    )
  }
  return conditionsOf(asked).flatMap(visit)
}

const counts = ['at_least', 'exactly']

function asksForSome({ count }: Raw): boolean {
  if (count === undefined) return true
  return Object.entries(record(count)).every(([key, value]) => counts.includes(key) && Number(value) > 0)
}
