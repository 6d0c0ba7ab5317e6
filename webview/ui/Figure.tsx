/** A picture with its one-sentence caption and a switch to the same data as a table. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import { SaveLinks } from "./Saving.js";
import { withWholeNumbers } from "./sentence.js";
import { LinkButton } from "./toolkit.js";

export interface TableData {
  /** As files name them: in English, so that what reads one reads those of all. */
  columns: string[];
  /** The same in the reader's language, for the page. */
  heads?: string[];
  /** Those of the columns that make room in a narrow panel. */
  spare?: readonly string[];
  /** One string a column; made only when the table is looked at. */
  rows(): string[][];
  /** The same rows with the numbers in full, for files; `rows` where there is no difference. */
  exact?(): (string | number)[][];
}

export interface FigureProps {
  /** What is to be seen in this data, written from the numbers. */
  caption: string;
  table: TableData;
  /** Tells its file apart from those of the panel's other figures. */
  name?: string;
  children: ComponentChildren;
}

/** Longer tables are cut here: nobody reads on, and the whole is in the export. */
const MOST_ROWS = 500;

export function Figure({ caption, table, name, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const said = useRef<HTMLElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  // A table may be as long as the page: the way back stands above it, and in sight.
  useEffect(() => {
    if (asTable) said.current?.scrollIntoView({ block: "nearest" });
  }, [asTable]);
  return (
    <figure class={asTable ? "gb-figure gb-figure-table" : "gb-figure"}>
      {asTable ? <DataTable table={table} caption={caption} /> : <div ref={picture}>{children}</div>}
      <figcaption ref={said}>
        <span>{withWholeNumbers(caption)}</span>{" "}
        <LinkButton onClick={() => setAsTable(!asTable)}>
          {asTable ? t("As a picture") : t("As a table")}
        </LinkButton>
        <SaveLinks picture={asTable ? undefined : picture} name={name} caption={caption} table={table} />
      </figcaption>
    </figure>
  );
}

function DataTable({ table, caption }: { table: TableData; caption: string }) {
  const rows = table.rows();
  const shown = rows.slice(0, MOST_ROWS);
  const classOf = (column: number) =>
    table.spare?.includes(table.columns[column] ?? "") ? "gb-table-spare" : undefined;
  return (
    <div class={table.spare ? "gb-table gb-table-many" : "gb-table"}>
      <table aria-label={caption}>
        <thead>
          <tr>
            {(table.heads ?? table.columns).map((head, at) => (
              <th key={table.columns[at]} scope="col" class={classOf(at)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            // Rows have no identity of their own: they are replaced as a whole.
            <tr key={`${index}:${row[0]}`}>
              {row.map((cell, column) => (
                <td key={`${table.columns[column]}`} class={classOf(column)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <p class="gb-dim">{t("The first {0} of {1} rows.", MOST_ROWS, rows.length)}</p>
      )}
    </div>
  );
}
