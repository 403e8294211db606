//! The values of a column as they come: an Arrow array, or codes of what is known. Names nothing. Invariant: every code
//! of a row that is there is of something known.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int32Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray, StringArray, StructArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

/// The values of a column.
#[derive(Debug, Clone)]
pub struct Source {
    pub values: Values,
    /// Whether only some rows are looked at, so that others have a value that is not theirs. Floats, looked at or not,
    /// are within the bounds of their column, and zero has no sign.
    pub partial: bool,
}

#[derive(Debug, Clone)]
pub enum Values {
    Array(ArrayRef),
    Coded(Box<Coded>),
}

/// Codes of texts.
#[derive(Debug, Clone)]
pub struct Coded {
    /// One for each row; that of an absent row may be of nothing.
    pub codes: Vec<u32>,
    pub known: Known,
    pub nulls: Option<NullBuffer>,
}

/// What codes stand for.
#[derive(Debug, Clone)]
pub enum Known {
    Texts(StringArray),
    /// Integers that ascend, as texts.
    Numbers(Vec<i64>),
}

impl Known {
    pub fn len(&self) -> usize {
        match self {
            Known::Texts(texts) => texts.len(),
            Known::Numbers(numbers) => numbers.len(),
        }
    }
}

impl Source {
    /// Of an array, whose values are taken without a copy if nothing else has it.
    pub fn array(array: ArrayRef) -> Source {
        Source { values: Values::Array(array), partial: false }
    }

    /// Of codes.
    pub fn coded(coded: Coded, partial: bool) -> Source {
        Source { values: Values::Coded(Box::new(coded)), partial }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Array(array) => array.len(),
            Values::Coded(coded) => coded.codes.len(),
        }
    }

    /// Its codes, if it has some.
    pub fn codes(&self) -> Option<&Coded> {
        match &self.values {
            Values::Coded(coded) => Some(coded),
            Values::Array(_) => None,
        }
    }

    /// Which rows are absent.
    pub fn nulls(&self) -> Option<NullBuffer> {
        match &self.values {
            Values::Array(array) => array.logical_nulls(),
            Values::Coded(coded) => coded.nulls.clone(),
        }
    }

    /// The fields of objects.
    pub fn fields(&self) -> Option<&StructArray> {
        match &self.values {
            Values::Array(array) => array.as_struct_opt(),
            Values::Coded(_) => None,
        }
    }

    /// Whether it is an array of lists.
    pub fn is_list(&self) -> bool {
        matches!(&self.values, Values::Array(array) if matches!(array.data_type(), DataType::List(_)))
    }

    /// All of it as an array; `None` if that is not known.
    pub fn into_array(self) -> Option<ArrayRef> {
        let coded = match self.values {
            _ if self.partial => return None,
            Values::Array(array) => return Some(array),
            Values::Coded(coded) => coded,
        };
        let Coded { codes, known, nulls } = *coded;
        let known = match known {
            Known::Texts(texts) => texts,
            Known::Numbers(numbers) => numbers.iter().map(|number| Some(number.to_string())).collect(),
        };
        let codes: Vec<i32> = codes.into_iter().map(|code| code as i32).collect();
        let keys = PrimitiveArray::<Int32Type>::try_new(ScalarBuffer::from(codes), nulls).ok()?;
        Some(Arc::new(DictionaryArray::try_new(keys, Arc::new(known)).ok()?))
    }
}

/// The values of an array of numbers, without a copy if nothing else has it.
pub fn owned<T: ArrowPrimitiveType>(array: ArrayRef) -> Vec<T::Native> {
    let numbers = array.as_primitive::<T>().clone();
    drop(array);
    numbers.into_parts().1.into()
}
