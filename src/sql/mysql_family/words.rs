//! The words that MariaDB and MySQL reserve beside those that no generated name is. Invariant: a superset of what
//! MariaDB 10.11 takes for no name, as it was asked of each word of `information_schema.keywords`.

/// In the order of the alphabet.
const WORDS: &str = "\
    accessible asensitive before bigint binary blob cascade change char character condition continue convert \
    cume_dist current_date current_role current_time current_timestamp current_user databases day_hour \
    day_microsecond day_minute day_second dec decimal delayed delete_domain_id dense_rank deterministic \
    distinctrow div do_domain_ids double dual each elseif empty enclosed escaped exit first_value float float4 \
    float8 force fulltext generated get high_priority hour_microsecond hour_minute hour_second ignore_domain_ids \
    infile inout insensitive int int1 int2 int3 int4 int8 integer io_after_gtids io_before_gtids iterate \
    json_table keys lag last_value lead leave linear load localtime localtimestamp lock long longblob longtext \
    loop low_priority manual master_bind master_demote_to_replica master_demote_to_slave \
    master_ssl_verify_server_cert maxvalue mediumblob mediumint mediumtext member middleint minute_microsecond \
    minute_second mod modifies no_write_to_binlog nth_value ntile numeric optimize optimizer_costs optionally \
    out outfile page_checksum parallel parse_vcol_expr percent_rank portion precision procedure purge read \
    read_write reads real recursive ref_system_id regexp release rename repeat replace require resignal restrict \
    rlike row_number schemas second_microsecond sensitive separator signal smallint spatial specific sql \
    sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting \
    stats_auto_recalc stats_persistent stats_sample_pages stored straight_join terminated tinyblob tinyint \
    tinytext undo unlock unsigned usage utc_date utc_time utc_timestamp varbinary varchar varcharacter varying \
    virtual while write xor year_month zerofill";

/// Whether a name has to be quoted.
pub(super) fn reserves(name: &str) -> bool {
    WORDS.split_ascii_whitespace().any(|word| word == name)
}
