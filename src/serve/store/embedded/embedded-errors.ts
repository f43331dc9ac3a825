import { constants } from 'node:os'
import { ProblemError, problem } from '../../../diagnostics/problem.ts'

/** Of LMDB: no file of its own, one of another version of it, pages that are not what they should be. */
const foreign: readonly unknown[] = [-30793, -30794, -30797, -30796]

/** LMDB says EIO of a write that the disk took a part of, which is how a full one answers first. */
const { ENOSPC, EFBIG, EDQUOT, EIO } = constants.errno
const full: readonly unknown[] = [ENOSPC, EFBIG, EDQUOT, EIO, 'ENOSPC', 'EDQUOT']

/** What LMDB or the file system said, as the problem it is; anything else stays as it is. */
export function storeError(store: string, cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error(String(cause), { cause })
  const code = 'code' in cause ? cause.code : undefined
  if (cause instanceof ProblemError || code === undefined) return cause
  // The driver adds where it was, and at times where it was before.
  const reason = cause.message.replace(/: Attempting .*/, '')
  if (full.includes(code)) {
    return new ProblemError([problem('PSN7003', { store, reason })], { cause })
  }
  if (foreign.includes(code)) return new ProblemError([problem('PSN7002', { store, reason })], { cause })
  return new ProblemError([problem('PSN7004', { store, reason })], { cause })
}
