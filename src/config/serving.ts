import { join, resolve } from 'node:path'
import type { Serving } from './config.ts'
import type { ServingSettings } from './config-schema.ts'

/** With what `serving` of the config leaves out. Each target and space has a store of its own. */
export function servingOf(
  settings: ServingSettings | undefined,
  of: {
    readonly projectDir: string
    readonly targetFolder: string
    readonly project: string
    readonly target: string
    readonly space: string | undefined
  },
): Serving {
  const store = settings?.store
  const own = of.space === undefined ? of.target : `${of.target}-${of.space}`
  return {
    store:
      store?.type === 'postgres'
        ? { type: 'postgres', url: store.url, schema: store.schema ?? 'personas_serving' }
        : {
            type: 'embedded',
            path:
              store?.path === undefined
                ? join(of.targetFolder, 'serving', own)
                : resolve(of.projectDir, store.path),
          },
    spaceId: settings?.space_id ?? of.space ?? of.project,
    host: settings?.host ?? '127.0.0.1',
    port: settings?.port ?? 8780,
    rateLimit: settings?.rate_limit ?? 100,
  }
}
