"""S3, VAST DB and the TAMS API: the three kinds of tests that TAMS names, over the operations that are their lines."""

import pytest
from measuring import Measure


class TestPerformanceReal:
    """What one step takes."""

    @pytest.mark.operation("s3.store_init")
    def test_s3_store_initialization_performance(self, measure: Measure) -> None:
        """A client of the SDK until its first answer."""
        measure()

    @pytest.mark.operation("vast.session_init")
    def test_vastdbmanager_initialization_performance(self, measure: Measure) -> None:
        """A session until bucket, schema and table are found."""
        measure()

    @pytest.mark.operation("s3.segment_upload", "s3.segment_download")
    def test_s3_segment_storage_performance(self, measure: Measure) -> None:
        """One segment there and back."""
        measure()

    @pytest.mark.operation("vast.table_*")
    def test_table_operations_performance(self, measure: Measure) -> None:
        """Tables made, listed, asked and dropped."""
        measure()

    @pytest.mark.operation("vast.insert_*", "vast.*_select", "vast.row_update", "vast.row_delete")
    def test_data_operations_performance(self, measure: Measure) -> None:
        """Rows added, found, changed and deleted."""
        measure()

    @pytest.mark.operation("s3.concurrent_*", "vast.concurrent_*", "tams.concurrent_*")
    def test_concurrent_operations_performance(self, measure: Measure) -> None:
        """Ten side by side."""
        measure()

    @pytest.mark.operation("s3.memory_*", "vast.memory_*")
    def test_memory_usage_performance(self, measure: Measure) -> None:
        """Much data in one piece."""
        measure()

    @pytest.mark.operation("s3.cleanup_*", "vast.cleanup_*", "tams.cleanup_*")
    def test_cleanup_performance(self, measure: Measure) -> None:
        """What was written goes."""
        measure()


class TestStressReal:
    """What load does to it."""

    @pytest.mark.operation("s3.stress_concurrent_*")
    def test_concurrent_s3_operations(self, measure: Measure) -> None:
        """Many clients of the store."""
        measure()

    @pytest.mark.operation("vast.stress_concurrent_*")
    def test_concurrent_vastdbmanager_operations(self, measure: Measure) -> None:
        """Many clients of the database."""
        measure()

    @pytest.mark.operation("tams.stress_ingest_*")
    def test_concurrent_ingest(self, measure: Measure) -> None:
        """Many recordings at once."""
        measure()

    @pytest.mark.operation("s3.stress_large_*", "vast.stress_large_*")
    def test_large_data_handling(self, measure: Measure) -> None:
        """More than fits into one request."""
        measure()

    @pytest.mark.operation("s3.stress_memory_*", "vast.stress_memory_*")
    def test_memory_usage_under_load(self, measure: Measure) -> None:
        """Much data at once."""
        measure()

    @pytest.mark.operation("s3.stress_cleanup_*", "vast.stress_cleanup_*", "tams.stress_cleanup_*")
    def test_resource_cleanup(self, measure: Measure) -> None:
        """Deleting while others write."""
        measure()


class TestScalabilityReal:
    """How cost grows with size."""

    @pytest.mark.operation("s3.scale_*", "tams.scale_*")
    def test_scalable_segment_operations(self, measure: Measure) -> None:
        """Segments: stored, listed, put on a timeline."""
        measure()

    @pytest.mark.operation("vast.scale_*")
    def test_scalable_database_operations(self, measure: Measure) -> None:
        """Rows: added, and selected."""
        measure()
