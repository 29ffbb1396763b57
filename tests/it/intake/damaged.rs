//! Files that no case can describe: not Parquet, cut off, encrypted, damaged, bombs.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, DictionaryArray, Int32Array, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use throughline::intake::check::check_at;
use throughline::intake::{Checked, Kind, Limits};

use super::{cases, files};

async fn judged(bytes: &[u8], limits: &Limits) -> Checked {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("reviews").join("x.parquet");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(&path, bytes).expect("written");
    check_at(&path, None, cases::now(), limits).await
}

async fn kinds(bytes: &[u8]) -> Vec<Kind> {
    judged(bytes, &Limits::default()).await.reasons.iter().map(|reason| reason.kind).collect()
}

#[tokio::test]
async fn what_is_not_parquet_is_told_apart() {
    let good = files::parquet(&files::good("reviews", 100));
    assert_eq!(kinds(&good).await, []);
    assert_eq!(kinds(b"").await, [Kind::Truncated]);
    assert_eq!(kinds(b"source,id\na,b\n").await, [Kind::NotParquet]);
    assert_eq!(kinds(b"PAR1").await, [Kind::Truncated]);
    for length in [1, 8, good.len() / 2, good.len() - 1] {
        assert_eq!(kinds(&good[..length]).await, [Kind::Truncated], "the first {length} bytes");
    }
    let mut encrypted = good.clone();
    encrypted.splice(0..4, *b"PARE");
    let end = encrypted.len() - 4;
    encrypted.splice(end.., *b"PARE");
    assert_eq!(kinds(&encrypted).await, [Kind::Encrypted]);
}

#[tokio::test]
async fn a_file_without_rows_is_refused_with_what_else_is_wrong() {
    let mut columns = files::good("reviews", 0);
    files::set(&mut columns, "state", "int64", vec![]);
    assert_eq!(kinds(&files::parquet(&columns)).await, [Kind::WrongType, Kind::NoRows]);
}

#[tokio::test]
async fn a_flipped_byte_anywhere_is_survived() {
    let good = files::parquet(&files::good("reviews", 50));
    for at in (4..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 0xff;
        // Some bytes carry no meaning, or another value that is allowed; all that counts is that a verdict comes back.
        let _ = kinds(&bad).await;
    }
    let mut footer = good.clone();
    let end = footer.len() - 8;
    footer[end..end + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(kinds(&footer).await, [Kind::Unreadable], "a footer that is longer than the file");
}

#[tokio::test]
async fn text_that_is_no_utf8_names_its_column() {
    let mut columns = files::good("reviews", 200);
    columns.retain(|(name, ..)| name != "reviewer");
    let rest = files::batch(&columns);
    let names: ArrayRef =
        Arc::new(BinaryArray::from_iter_values((0..200).map(|row| if row == 150 { &b"\xff\xfe"[..] } else { b"ann" })));
    // The writer refuses bad text, so the file is written as binary and its schema says string.
    let mut fields: Vec<_> = rest.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("reviewer", DataType::Binary, true)));
    let mut arrays = rest.columns().to_vec();
    arrays.push(names);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("a batch");
    let bytes = as_text(&batch, "reviewer");
    let checked = judged(&bytes, &Limits::default()).await;
    let told: Vec<_> = checked.reasons.iter().map(|r| (r.kind, r.column.as_deref())).collect();
    assert_eq!(told, [(Kind::NotUtf8, Some("reviewer"))]);
    assert_eq!(checked.refused, 200);
}

/// Writes a batch whose binary column is declared as text.
fn as_text(batch: &RecordBatch, column: &str) -> Vec<u8> {
    use parquet::arrow::ArrowSchemaConverter;
    use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
    use parquet::file::writer::SerializedFileWriter;

    let schema = batch.schema();
    let fields = schema.fields().iter().map(|field| match field.name() == column {
        true => Arc::new(Field::new(column, DataType::Utf8, true)),
        false => Arc::clone(field),
    });
    let declared = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let parquet = ArrowSchemaConverter::new().convert(&declared).expect("a schema");
    let mut bytes = Vec::new();
    let properties = Arc::new(WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build());
    let mut writer =
        SerializedFileWriter::new(&mut bytes, parquet.root_schema_ptr(), Arc::clone(&properties)).expect("a writer");
    let factory = ArrowRowGroupWriterFactory::new(&writer, batch.schema());
    let mut columns = factory.create_column_writers(0).expect("columns");
    let mut group = writer.next_row_group().expect("a row group");
    let mut leaves = columns.iter_mut();
    for (array, field) in batch.columns().iter().zip(batch.schema().fields()) {
        for leaf in compute_leaves(field, array).expect("leaves") {
            leaves.next().expect("a writer for each leaf").write(&leaf).expect("written");
        }
    }
    for column in columns {
        column.close().expect("closed").append_to_row_group(&mut group).expect("appended");
    }
    group.close().expect("closed");
    writer.close().expect("closed");
    bytes
}

/// A good file of reviews with one column more.
fn with(column: &str, array: ArrayRef, dictionary: bool) -> Vec<u8> {
    let mut columns = files::good("reviews", array.len());
    columns.retain(|(name, ..)| name != column);
    let rest = files::batch(&columns);
    let mut fields: Vec<_> = rest.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(column, array.data_type().clone(), true)));
    let mut arrays = rest.columns().to_vec();
    arrays.push(array);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("a batch");
    let zstd = Compression::ZSTD(ZstdLevel::try_new(3).expect("a level"));
    let properties = WriterProperties::builder()
        .set_compression(zstd)
        .set_dictionary_enabled(dictionary)
        .set_dictionary_page_size_limit(1 << 30)
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    files::write(&batch, properties)
}

#[tokio::test]
async fn a_value_repeated_by_a_dictionary_is_counted_before_it_is_copied() {
    // 100 rows of one string of 1 MiB: 100 MiB when copied, a few kilobytes as a file.
    let long = "x".repeat(1 << 20);
    let keys = Int32Array::from(vec![0; 100]);
    let values = Arc::new(StringArray::from(vec![long.as_str()]));
    let array = DictionaryArray::<Int32Type>::try_new(keys, values).expect("a dictionary");
    let bytes = with("url", Arc::new(array), true);
    assert!(bytes.len() < 1 << 16, "{} bytes", bytes.len());
    assert_eq!(kinds(&bytes).await, [], "100 MiB are no bomb");
    let limits = Limits { max_decoded_bytes: 50 << 20, ..Limits::default() };
    let checked = judged(&bytes, &limits).await;
    let told: Vec<_> = checked.reasons.iter().map(|r| r.kind).collect();
    assert_eq!(told, [Kind::TooLarge], "{checked}");
    assert_eq!(checked.refused, 100);
}

#[tokio::test]
async fn a_page_that_swells_is_refused_by_its_header() {
    let array: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(12 << 20); 8]));
    let bytes = with("url", array, false);
    assert!(bytes.len() < 1 << 20, "{} bytes", bytes.len());
    let checked = judged(&bytes, &Limits::default()).await;
    assert_eq!(checked.reasons[0].kind, Kind::TooLarge, "{checked}");
    assert!(checked.reasons[0].found.contains("bytes that decompress to"), "{checked}");
    let any = Limits { max_ratio: u64::MAX, ..Limits::default() };
    assert!(judged(&bytes, &any).await.reasons.is_empty(), "96 MiB are within the other limits");
    let limits = Limits { max_page_bytes: 1 << 20, ..any.clone() };
    let checked = judged(&bytes, &limits).await;
    assert_eq!(checked.reasons[0].kind, Kind::TooLarge, "{checked}");
    assert!(checked.reasons[0].found.starts_with("a page of"), "{checked}");
    let limits = Limits { max_value_bytes: 1 << 20, ..any };
    let checked = judged(&bytes, &limits).await;
    assert_eq!(checked.reasons[0].column.as_deref(), Some("url"), "{checked}");
}

#[tokio::test]
async fn rows_and_bytes_have_limits() {
    let bytes = files::parquet(&files::good("reviews", 100));
    for limits in [
        Limits { max_rows: 99, ..Limits::default() },
        Limits { max_file_bytes: 1000, ..Limits::default() },
        Limits { max_decoded_bytes: 4000, ..Limits::default() },
    ] {
        let checked = judged(&bytes, &limits).await;
        assert_eq!(checked.reasons.iter().map(|r| r.kind).collect::<Vec<_>>(), [Kind::TooLarge], "{limits:?}");
    }
}

#[tokio::test]
async fn a_list_that_swells_is_refused_before_it_is_unrolled() {
    // One row of 2 million items, all from one dictionary entry.
    let items = 2_000_000;
    let values: ArrayRef = Arc::new(StringArray::from(vec!["x"; items]));
    let offsets = arrow::buffer::OffsetBuffer::from_lengths([items]);
    let list = ListArray::try_new(Arc::new(Field::new("item", DataType::Utf8, true)), offsets, values, None);
    let mut columns = files::good("incidents", 1);
    columns.retain(|(name, ..)| name != "labels");
    let rest = files::batch(&columns);
    let list: ArrayRef = Arc::new(list.expect("a list"));
    let mut fields: Vec<_> = rest.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("labels", list.data_type().clone(), true)));
    let mut arrays = rest.columns().to_vec();
    arrays.push(list);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("a batch");
    let bytes = files::write(&batch, WriterProperties::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path: &Path = &folder.path().join("x.parquet");
    std::fs::write(path, &bytes).expect("written");
    let table = throughline::model::table("incidents");
    let limits = Limits { max_decoded_bytes: 16 << 20, ..Limits::default() };
    let checked = check_at(path, table, cases::now(), &limits).await;
    assert_eq!(checked.reasons[0].kind, Kind::TooLarge, "{checked}");
    assert!(checked.reasons[0].found.contains("list items"), "{checked}");
}
