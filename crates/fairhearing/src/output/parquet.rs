use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::ResultWriter;
use super::rows::{COLUMNS, Cell, Kind, rows_of};
use crate::inspect::CallResult;

/// Rows that are held in memory and written together.
const ROWS_TOGETHER: usize = 10_000;

/// The CSV's rows as Apache Parquet, not compressed, every column nullable.
pub(crate) struct Parquet<W: Write + Send> {
    out: SerializedFileWriter<W>,
    rows: Vec<Vec<Cell>>,
}

impl<W: Write + Send> Parquet<W> {
    pub(crate) fn new(out: W) -> io::Result<Self> {
        let columns = COLUMNS.iter().map(|&(name, kind)| column(name, kind).map(Arc::new));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
        let schema = Type::group_type_builder("inspections")
            .with_fields(columns)
            .build()
            .map_err(io::Error::other)?;
        // Names the writer, which would else name its own version and make the bytes change with it.
        let properties = WriterProperties::builder().set_created_by("fairhearing".to_owned());
        let out = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))
            .map_err(io::Error::other)?;
        Ok(Self { out, rows: Vec::new() })
    }

    fn write_rows(&mut self) -> io::Result<()> {
        let rows = mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.out.next_row_group().map_err(io::Error::other)?;
        for (index, &(_, kind)) in COLUMNS.iter().enumerate() {
            let Some(mut writer) = group.next_column().map_err(io::Error::other)? else { break };
            write_column(&mut writer, kind, rows.iter().map(|row| &row[index]))
                .and_then(|()| writer.close())
                .map_err(io::Error::other)?;
        }
        group.close().map(|_| ()).map_err(io::Error::other)
    }
}

fn column(name: &str, kind: Kind) -> parquet::errors::Result<Type> {
    let (physical, logical) = match kind {
        Kind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => (PhysicalType::INT64, None),
        Kind::Number => (PhysicalType::DOUBLE, None),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

/// Writes one column: the values that are there, and for each row whether there is one.
fn write_column<'a>(
    writer: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    cells: impl Iterator<Item = &'a Cell>,
) -> parquet::errors::Result<()> {
    let (mut texts, mut wholes, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    let mut there = Vec::new();
    for cell in cells {
        let some = match cell {
            Cell::Text(Some(text)) => {
                texts.push(ByteArray::from(text.as_bytes().to_vec()));
                true
            }
            Cell::Whole(Some(number)) => {
                wholes.push(*number);
                true
            }
            Cell::Number(Some(number)) => {
                numbers.push(*number);
                true
            }
            Cell::Text(None) | Cell::Whole(None) | Cell::Number(None) => false,
        };
        there.push(i16::from(some));
    }
    match kind {
        Kind::Text => writer.typed::<ByteArrayType>().write_batch(&texts, Some(&there), None)?,
        Kind::Whole => writer.typed::<Int64Type>().write_batch(&wholes, Some(&there), None)?,
        Kind::Number => writer.typed::<DoubleType>().write_batch(&numbers, Some(&there), None)?,
    };
    Ok(())
}

impl<W: Write + Send> ResultWriter for Parquet<W> {
    fn take(&mut self, result: &CallResult) -> io::Result<()> {
        self.rows.extend(rows_of(result));
        if self.rows.len() >= ROWS_TOGETHER { self.write_rows() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write_rows()?;
        self.out.close().map(|_| ()).map_err(io::Error::other)
    }
}
