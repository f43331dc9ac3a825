import { createHash } from 'node:crypto'
import type { Change, Fields, FieldValue, SessionContext } from '../../destination.ts'

/** An identify, track or group call, as a tracking endpoint takes it. */
export type Call = Fields

export interface CallSettings {
  readonly identify: boolean
  readonly track: boolean
  readonly enter_event: string
  readonly exit_event: string
  readonly trait_event: string
}

/** Who a call is about, and how that is said. */
interface Addressee {
  readonly userId?: string
  readonly anonymousId?: string
  readonly email?: string
}

/**
 * What a change says, as Segment says it (spec 6.9): one call for each user_id and each e-mail address, `true` on entering and
 * whenever an id comes, `false` to all on leaving; a trait as its value. Of a row that qualified a member only track calls are
 * made (spec 7.3): it says nothing that holds of the person as a whole.
 *
 * The fields of a record are `ids` (type → value or list of values), `traits`, which ride along, and `columns` of a row.
 */
export function callsOf(change: Change, context: SessionContext, settings: CallSettings): readonly Call[] {
  const { about, entity } = context
  const ids = objectOf(change.fields.ids)
  const traits = objectOf(change.fields.traits)
  const told = toldOf(change, about, traits)
  if (told === undefined) return []
  const common = {
    timestamp: context.startedAt,
    context: { personas: personasOf(context), library: { name: 'personas', version: context.version } },
  }
  if (entity === 'account') {
    const groupId = text(ids.account_id) ?? change.key
    return [finished({ type: 'group', groupId, traits: { ...traits, ...told }, ...common }, change, groupId)]
  }
  return addressees(ids, change.key).flatMap((to) => {
    const { email, ...who } = to
    const calls: Call[] = []
    if (settings.identify && about.kind !== 'rows') {
      const all = { ...traits, ...told, ...(email !== undefined && { email }) }
      calls.push(finished({ type: 'identify', ...who, traits: all, ...common }, change, to))
    }
    if (settings.track) {
      const row = objectOf(change.fields.columns)
      const properties = { ...traits, ...propertiesOf(about, told, row), ...told }
      const event = eventOf(change, about, settings)
      const aside = { ...common.context, ...(email !== undefined && { traits: { email } }) }
      calls.push(
        finished({ type: 'track', ...who, event, properties, ...common, context: aside }, change, to),
      )
    }
    return calls
  })
}

/** The membership or the traits themselves; undefined where nothing of them changed. */
function toldOf(change: Change, about: SessionContext['about'], traits: Fields): Fields | undefined {
  const leaves = change.operation === 'remove'
  switch (about.kind) {
    case 'audience':
      return { [about.name]: !leaves }
    case 'rows':
      return { [about.audience]: !leaves }
    case 'traits':
    case 'records':
      return leaves ? Object.fromEntries(Object.keys(traits).map((name) => [name, null])) : traits
  }
}

function propertiesOf(about: SessionContext['about'], told: Fields, row: Fields): Fields {
  switch (about.kind) {
    case 'audience':
      return { audience_key: about.name }
    case 'rows': {
      const { audience, relationship, entity } = about
      const columns = Object.entries(row).map(([name, value]) => [`${relationship}__${name}`, value])
      return {
        audience_key: audience,
        ...Object.fromEntries(columns),
        [`${relationship}____entity`]: entity,
      }
    }
    case 'traits':
    case 'records': {
      const [name, second] = Object.keys(told)
      return name !== undefined && second === undefined ? { trait_key: name } : {}
    }
  }
}

function eventOf({ operation }: Change, about: SessionContext['about'], settings: CallSettings): string {
  if (about.kind !== 'audience' && about.kind !== 'rows') return settings.trait_event
  return operation === 'remove' ? settings.exit_event : settings.enter_event
}

function personasOf({ about, sync }: SessionContext): Fields {
  const of = (kind: string, key: string): Fields => ({
    computation_class: kind,
    computation_id: sync,
    computation_key: key,
  })
  switch (about.kind) {
    case 'audience':
      return of('audience', about.name)
    case 'rows':
      return of('audience', about.audience)
    case 'traits':
      return of('trait', about.names.join(','))
    case 'records':
      return of('trait', sync)
  }
}

/** Each user_id and each e-mail address; one anonymous id where there is neither. */
function addressees(ids: Fields, key: string): readonly Addressee[] {
  const userIds = texts(ids.user_id)
  const emails = texts(ids.email)
  const anonymousId = texts(ids.anonymous_id)[0] ?? key
  const who = userIds[0] === undefined ? { anonymousId } : { userId: userIds[0] }
  const found: readonly Addressee[] = [
    ...userIds.map((userId) => ({ userId })),
    ...emails.map((email) => ({ ...who, email })),
  ]
  return found.length === 0 ? [{ anonymousId }] : found
}

/** Equal for the same change told to the same addressee: whoever has it already drops it. */
function finished(call: Fields, { idempotencyKey }: Change, to: unknown): Call {
  const id = createHash('sha256').update(`${idempotencyKey} ${String(call.type)} ${JSON.stringify(to)}`)
  return { messageId: `personas-${id.digest('hex').slice(0, 32)}`, ...call }
}

function objectOf(value: FieldValue | undefined): Fields {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {}
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value)
}

function texts(value: FieldValue | undefined): readonly string[] {
  if (value === undefined || value === null) return []
  return (isList(value) ? value : [value]).flatMap((each) => text(each) ?? [])
}

function text(value: FieldValue | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
