//: row if one
/** A row: one text. */
export type Row = string;

//: row if several
/** A row as an object: the names of the columns are its keys. */
export interface NamedRow {
  $columns
}

/** A row as a list: texts in the order of the columns. */
export type ListedRow = readonly [$list];

/** A row: a text of each column. */
export type Row = NamedRow | ListedRow;

//: row
/** A column of texts. */
export interface Feature {
  readonly name: string;
  readonly kind: "text";
}

