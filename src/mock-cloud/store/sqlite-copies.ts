/** Whole worlds in sqlite: emptied, removed and copied, row by row as the database does it best. */

import type { Row, Statements } from './statements.ts'

/** What accounts have beside blobs and uploads. */
const tables = {
  number: 'name, value',
  resource: 'kind, seq, id, due, shown, kept',
  annotation: 'kind, id, key, value',
  blob: 'bucket, id, content, shown',
  upload: 'bucket, upload, pending',
  part: 'bucket, upload, number, content, shown',
} as const

/** How often the blobs and parts of a world have each content. */
const uses = `
select content as hash, count(*) as n from (
  select content from blob where tenant in (select tenant from account where world = ?1)
  union all select content from part where tenant in (select tenant from account where world = ?1)
) group by content`

/** Removes a world's accounts, all that is theirs, and its log. @param strays gets the contents that nobody has any more. */
export const emptyWorld = (sql: Statements, world: number, strays: Set<string>): void => {
  sql.run(`update content set refs = refs - used.n from (${uses}) as used where content.hash = used.hash`, world)
  for (const row of sql.rows('delete from content where refs <= 0 returning hash, bytes is null'))
    if (isFile(row)) strays.add(String(row[0]))
  for (const table of Object.keys(tables)) {
    sql.run(`delete from ${table} where tenant in (select tenant from account where world = ?)`, world)
  }
  sql.run('delete from account where world = ?', world)
  sql.run('delete from event where world = ?', world)
}

const isFile = ([, isNull]: Row): boolean => isNull === 1

export const removeWorld = (sql: Statements, world: number, strays: Set<string>): void => {
  emptyWorld(sql, world, strays)
  sql.run('delete from world where world = ?', world)
}

/** Copies all of a world into one that is empty. Contents aren't copied: they're counted once more for each who has them. */
export const copyWorld = (sql: Statements, from: number, to: number): void => {
  sql.run(`update content set refs = refs + used.n from (${uses}) as used where content.hash = used.hash`, from)
  sql.run(
    'insert into account (world, provider, account, reached) select ?, provider, account, reached from account where world = ? order by tenant',
    to,
    from,
  )
  for (const [table, columns] of Object.entries(tables)) {
    const isResource = table === 'resource'
    sql.run(
      `insert into ${table} (tenant, ${columns}${isResource ? ', world' : ''})
       select copy.tenant, ${columns
         .split(', ')
         .map(column => `t.${column}`)
         .join(', ')}${isResource ? ', copy.world' : ''}
       from account original
       join account copy on copy.world = ?1 and copy.provider = original.provider and copy.account = original.account
       join ${table} t on t.tenant = original.tenant where original.world = ?2`,
      to,
      from,
    )
  }
  sql.run('insert into event select ?, seq, body from event where world = ?', to, from)
}
