//! Arrays of texts, codes and bits: owned or held by something else, of every width, damaged.

use std::sync::Arc;

use segc::vector::{Bitmap, Buffer, Codes, Strings};

#[test]
fn a_held_array_reads_like_an_owned_one() {
    let held: Buffer<u32> = Buffer::held(Arc::new([1u32, 2, 3, 4]));
    assert_eq!(held, vec![1, 2, 3, 4].into());
    assert_eq!(&*held.slice(1, 2), [2, 3]);
    assert_eq!(&*held.slice(1, 2).slice(1, 9), [3]);
    assert_eq!(&*held.slice(9, 9), [0u32; 0]);
    assert_eq!(&*held.take(&[3, 0, 7]), [4, 1, 0]);
}

#[test]
fn codes_are_as_narrow_as_the_dictionary_allows() {
    let codes = [0, 255, 3];
    assert!(matches!(Codes::narrow(&codes, 256), Codes::U8(_)));
    assert!(matches!(Codes::narrow(&codes, 257), Codes::U16(_)));
    assert!(matches!(Codes::narrow(&codes, 65_536), Codes::U16(_)));
    assert!(matches!(Codes::narrow(&codes, 65_537), Codes::U32(_)));
    for values in [256, 257, 65_537] {
        let narrow = Codes::narrow(&codes, values);
        assert_eq!(narrow.to_vec(), codes);
        assert_eq!(narrow.get(1), 255);
        assert_eq!(narrow.slice(1, 2).to_vec(), [255, 3]);
        assert_eq!(narrow.take(&[2, 2, 9]).to_vec(), [3, 3, 0]);
    }
}

#[test]
fn texts_are_found_and_damaged_ones_are_empty() {
    let texts: Strings = ["", "a", "ß", "å", "東京"].into_iter().collect();
    assert_eq!(texts.iter().collect::<Vec<_>>(), ["", "a", "ß", "å", "東京"]);
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(texts.find(text), Some(index));
    }
    assert_eq!(texts.find("b"), None);
    assert_eq!(texts.get(5), None);
    let split_inside_a_character = Strings::new(vec![1, 2, 1, 99].into(), "å".as_bytes().to_vec().into());
    assert_eq!(split_inside_a_character.iter().collect::<Vec<_>>(), ["", "", "", ""]);
}

#[test]
fn bits_of_a_file_are_refused_where_they_do_not_fit() {
    assert!(Bitmap::from_buffer(vec![0b111].into(), 3).is_some_and(|bits| bits.count() == 3));
    assert!(Bitmap::from_buffer(vec![0b1111].into(), 3).is_none());
    assert!(Bitmap::from_buffer(vec![0, 0].into(), 64).is_none());
    assert!(Bitmap::from_buffer(vec![u64::MAX].into(), 64).is_some());
    assert!(Bitmap::from_buffer(Buffer::default(), 0).is_some());
}
