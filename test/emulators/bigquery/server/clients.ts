import { BigqueryError, type Reason, statusOf } from '../engine/errors.ts'
import { type Json, listMember, member, textMember } from '../json.ts'

/** Something that goes wrong with a request or a job, once for each time it is asked for. */
export type Fault =
  /** The request is answered with this error and nothing is done. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly reason: string
      readonly message: string
      readonly on: RegExp
    }
  /** The connection is cut: before anything is done, or after it is done and before the answer. */
  | { readonly kind: 'reset'; readonly after: boolean; readonly on: RegExp }
  /** A query job fails with this error. */
  | { readonly kind: 'job'; readonly reason: Reason; readonly message: string; readonly on: RegExp }
  /** A query job takes this long, unless it is cancelled. */
  | { readonly kind: 'delay'; readonly millis: number; readonly on: RegExp }

/** By token. */
export class Clients {
  readonly #states = new Map<string, ClientState>()

  of(token: string): ClientState {
    const known = this.#states.get(token) ?? new ClientState()
    this.#states.set(token, known)
    return known
  }
}

/** What is set for one token: tests that share the emulator each use a token of their own. */
export class ClientState {
  readonly faults: Fault[] = []
  readonly denied = new Set<string>()
  pageRows = 1000

  /** The next fault of these kinds that is meant for this text, which is used up by it. */
  next<K extends Fault['kind']>(kinds: readonly K[], text: string): Extract<Fault, { kind: K }> | undefined {
    const index = this.faults.findIndex((fault) => isOf(fault, kinds) && fault.on.test(text))
    const [found] = index < 0 ? [] : this.faults.splice(index, 1)
    return found !== undefined && isOf(found, kinds) ? found : undefined
  }

  /** @throws BigqueryError where the permission has been taken away */
  require(permission: string, on: string): void {
    if (!this.denied.has(permission)) return
    const missing =
      permission === 'bigquery.tables.getData'
        ? `User does not have permission to query ${on.replace('Table', 'table')}, or perhaps it does not exist.`
        : on.startsWith('Project')
          ? `User does not have ${permission} permission in ${on.replace('Project', 'project')}.`
          : `Permission ${permission} denied on ${on.toLowerCase().split(' ')[0]} ${on.split(' ')[1]} (or it may not exist).`
    throw new BigqueryError('accessDenied', `Access Denied: ${on}: ${missing}`)
  }

  /** `{ faults: […], denied: […], pageRows }`, each replacing what was set. */
  set(given: Json): void {
    if (member(given, 'faults') !== undefined) {
      this.faults.length = 0
      for (const fault of listMember(given, 'faults')) {
        const times = Number(member(fault, 'times') ?? 1)
        for (let time = 0; time < times; time += 1) this.faults.push(parseFault(fault))
      }
    }
    if (member(given, 'denied') !== undefined) {
      this.denied.clear()
      for (const each of listMember(given, 'denied')) this.denied.add(String(each))
    }
    const pageRows = member(given, 'pageRows')
    if (typeof pageRows === 'number') this.pageRows = pageRows
  }
}

function isOf<K extends Fault['kind']>(
  fault: Fault,
  kinds: readonly K[],
): fault is Extract<Fault, { kind: K }> {
  return kinds.some((kind) => kind === fault.kind)
}

function parseFault(given: Json): Fault {
  const on = new RegExp(textMember(given, 'on') ?? '')
  const kind = textMember(given, 'kind')
  const message = textMember(given, 'message') ?? 'a fault that a test asked for'
  switch (kind) {
    case 'answer':
      return {
        kind,
        on,
        message,
        status: Number(member(given, 'status') ?? 503),
        reason: textMember(given, 'reason') ?? 'backendError',
      }
    case 'reset':
      return { kind, on, after: member(given, 'after') === true }
    case 'job': {
      const reason = textMember(given, 'reason') ?? 'backendError'
      if (!isReason(reason)) throw new Error(`no such reason: ${reason}`)
      return { kind, on, message, reason }
    }
    case 'delay':
      return { kind, on, millis: Number(member(given, 'millis') ?? 0) }
    default:
      throw new Error(`no such fault: ${kind}`)
  }
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(statusOf, text)
}
