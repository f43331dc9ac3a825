import { spawnSync } from 'node:child_process'
import { expect, inject, test } from 'vitest'
import { bigqueryLanguage } from './service/language.ts'
import { startService } from './service/service.ts'
import { messageField, textField } from './service/wire.ts'

test.skipIf('missing' in inject('bigquery') || process.platform === 'win32')(
  'a service that has ended is started again by the next question',
  async () => {
    const service = await startService()
    const { language } = await bigqueryLanguage(service)
    const ask = (): Promise<Buffer> =>
      service.call('ExtractTableNamesFromStatement', [
        textField(1, 'select 1 from t'),
        messageField(2, [language]),
      ])
    const before = await ask()
    const children = spawnSync('pgrep', ['-P', String(process.pid), 'remote_server'], { encoding: 'utf8' })
    const [pid] = children.stdout.trim().split('\n')
    process.kill(Number(pid), 'SIGKILL')
    await expect.poll(() => ask().catch(() => undefined)).toEqual(before)
    await service.stop()
  },
)
