"""The table of the plain page. Its body's blocks are the product's own; a column does not know them."""

import django.db.models.deletion
import wagtail.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("wagtailcore", "0001_squashed_0016_change_page_url_path_to_text_field"), ("courses", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="PlainPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True,
                        primary_key=True, serialize=False, to="wagtailcore.page",
                    ),
                ),
                ("body", wagtail.fields.StreamField([])),
            ],
            options={"abstract": False},
            bases=("wagtailcore.page",),
        )
    ]  # fmt: skip
