import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { fileOf, holdsData } from './lmdb-file.ts'

/** Values are text, or bytes. */
export type Tables<T extends string, S extends string> = Readonly<
  Record<T, Database<string, Buffer>> & Record<S, Database<Buffer, Buffer>>
>

export interface Shape<T extends string, S extends string> {
  readonly texts: readonly T[]
  readonly bytes: readonly S[]
}

export interface Writer<T extends string, S extends string> {
  readonly tables: Tables<T, S>
  /** One transaction: all of it is seen when it is done, by whoever looks then. */
  write<R>(work: () => R): R
  /** Slots of readers that were killed would keep the pages of what they read from being used again. */
  forgetKilledReaders(): void
}

/** Address space, not disk: where the map never has to grow, no reader ever has to follow it. Windows would make the file so large. */
const mapping = process.platform === 'win32' ? {} : { mapSize: 2 ** 40 }

/** How long a reader may go on with a file that another has taken the place of. */
export const replacedAfterMs = 1_000

/**
 * One file of LMDB. A transaction that is open for writing is seen by everything that goes through the same handle, so
 * readers have a handle of their own.
 *
 * The driver has one environment per file and process, which stays read-only if it was opened so: whoever wants to write
 * closes the handle of readers first. Every read is over before anything else runs, so none is interrupted.
 *
 * A reader looks for a new version once in a turn of the event loop, which costs as much as the read itself: whatever another
 * process had written when the turn began is seen in it, and what this one writes at once.
 *
 * LMDB tells processes apart by their numbers. Of two containers in which both have the same one, the second would stand still
 * until the first has ended: they need a PID namespace in common, or the store in PostgreSQL.
 */
export class Environment<T extends string, S extends string> {
  readonly #path: string
  readonly #shape: Shape<T, S>
  #reader: Opened<T, S> | undefined
  #writer: Opened<T, S> | undefined
  #checkedAt = 0
  /** In this turn of the event loop. */
  #looked = false
  #looks = 0

  constructor(path: string, shape: Shape<T, S>) {
    this.#path = path
    this.#shape = shape
  }

  /** How many times {@link reader} has looked for a new version: what was read of the last is as good until there is another. */
  get looks(): number {
    return this.#looks
  }

  /** @returns undefined where there is no file, or none that is complete */
  reader(): Tables<T, S> | undefined {
    if (!this.#looked) this.#look()
    this.#reader ??= this.#openReader()
    return this.#reader?.tables
  }

  /** Its transactions wait for another that writes, so this is for those who know that there is none, or that it will be brief. */
  writer(): Writer<T, S> {
    this.#writer = this.#unlessReplaced(this.#writer)
    this.#writer ??= this.#openWriter()
    const { root, tables } = this.#writer
    root.resetReadTxn()
    return {
      tables,
      write: (work) => {
        const ended = (): void => {
          this.#looked = false
        }
        try {
          const result = root.transactionSync(work)
          if (result instanceof Promise) result.then(ended, ended)
          return result
        } finally {
          ended()
        }
      },
      forgetKilledReaders: () => void root.readerCheck(),
    }
  }

  close(): void {
    close(this.#reader)
    close(this.#writer)
    this.#reader = undefined
    this.#writer = undefined
  }

  #look(): void {
    const now = performance.now()
    if (now - this.#checkedAt > replacedAfterMs) {
      this.#checkedAt = now
      this.#reader = this.#unlessReplaced(this.#reader)
    }
    this.#reader?.root.resetReadTxn()
    this.#looked = true
    this.#looks += 1
    setImmediate(() => {
      this.#looked = false
    })
  }

  #openReader(): Opened<T, S> | undefined {
    if (fileOf(this.#path) === undefined) return undefined
    try {
      return holdsData(this.#path) ? this.#open(true) : undefined
    } catch (error) {
      // Somebody is making it at this moment, or has taken it away.
      if (isMissing(error)) return undefined
      throw error
    }
  }

  #openWriter(): Opened<T, S> {
    close(this.#reader)
    this.#reader = undefined
    mkdirSync(dirname(this.#path), { recursive: true })
    if (fileOf(this.#path) !== undefined) holdsData(this.#path)
    const opened = this.#open(false)
    if (opened === undefined) throw new Error(`${this.#path} was opened for writing and lacks a table`)
    return opened
  }

  #open(readOnly: boolean): Opened<T, S> | undefined {
    const root = open<string, Buffer>({
      path: this.#path,
      readOnly,
      ...mapping,
      noSubdir: true,
      maxDbs: 12,
      keyEncoding: 'binary',
      encoding: 'string',
      // What is committed is on the disk.
      overlappingSync: false,
    })
    const made: Record<string, unknown> = {}
    for (const name of this.#shape.texts) {
      made[name] = root.openDB<string, Buffer>(name, { keyEncoding: 'binary', encoding: 'string' })
    }
    for (const name of this.#shape.bytes) {
      const options = { keyEncoding: 'binary', encoding: 'binary' } as const
      made[name] = root.openDB<Buffer, Buffer>(name, options)
    }
    const file = fileOf(this.#path)
    if (file !== undefined && isComplete<T, S>(made)) return { root, tables: made, file }
    void root.close()
    return undefined
  }

  #unlessReplaced(opened: Opened<T, S> | undefined): Opened<T, S> | undefined {
    if (opened === undefined || fileOf(this.#path) === opened.file) return opened
    close(opened)
    return undefined
  }
}

interface Opened<T extends string, S extends string> {
  readonly root: RootDatabase<string, Buffer>
  readonly tables: Tables<T, S>
  /** Which one stood in its path. */
  readonly file: string
}

/** The driver answers undefined for a table that a reader does not find. */
function isComplete<T extends string, S extends string>(
  made: Readonly<Record<string, unknown>>,
): made is Tables<T, S> {
  return Object.values(made).every((table) => table !== undefined)
}

function close(handle: { readonly root: RootDatabase<string, Buffer> } | undefined): void {
  // Nothing is ever left to be written, so that it is done when this returns.
  void handle?.root.close()
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && /No such file|ENOENT/.test(error.message)
}
