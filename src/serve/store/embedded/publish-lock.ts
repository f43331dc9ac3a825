import { randomUUID } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Files } from './files.ts'
import { wordKey } from './keys.ts'

/**
 * LMDB itself lets one write at a time, and a killed process holds nothing; but whoever comes second would stand still until
 * the first is done. So a line in `control.mdb` says who is publishing: it counts as long as that process is alive, and where
 * that cannot be told, as with another machine or container, for a minute after it was last renewed. Were it ever taken
 * from one that is merely slow, the second would wait for LMDB, and nothing is lost.
 */
const leaseMs = 60_000

interface Line {
  readonly holder: string
  readonly pid: number
  readonly machine: string
  readonly until: number
}

export interface PublishLock {
  release(): void
}

const key = wordKey('publishing')

/** Those of this process, whose number a killed one may have had. */
const held = new Set<string>()

/** @returns undefined where another publishes */
export function tryPublishLock({ control }: Files): PublishLock | undefined {
  const { write, tables } = control.writer()
  const line = { holder: randomUUID(), pid: process.pid, machine: machineName() }
  const taken = write(() => {
    const text = tables.state.get(key)
    if (text !== undefined && isHeld(parsed(text), line.machine)) return false
    tables.state.putSync(key, JSON.stringify({ ...line, until: Date.now() + leaseMs }))
    return true
  })
  if (!taken) return undefined
  held.add(line.holder)
  const ifOurs = (change: () => void): void => {
    write(() => {
      const text = tables.state.get(key)
      if (text !== undefined && parsed(text).holder === line.holder) change()
    })
  }
  const timer = setInterval(() => {
    try {
      ifOurs(() => tables.state.putSync(key, JSON.stringify({ ...line, until: Date.now() + leaseMs })))
    } catch {
      // It holds for a while yet.
    }
  }, leaseMs / 4)
  timer.unref()
  return {
    release() {
      clearInterval(timer)
      held.delete(line.holder)
      try {
        ifOurs(() => tables.state.removeSync(key))
      } catch {
        // The disk is full, say. It runs out.
      }
    },
  }
}

function isHeld(line: Line, machine: string): boolean {
  if (held.has(line.holder)) return true
  if (line.until < Date.now()) return false
  return line.machine !== machine || (line.pid !== process.pid && isAlive(line.pid))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It may belong to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Where numbers of processes mean the same. */
function machineName(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

function parsed(text: string): Line {
  // What `tryPublishLock` wrote.
  return JSON.parse(text) as Line
}
